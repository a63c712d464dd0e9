import SpiderBaselines
import SpiderCore
import SpiderTensor

extension X2CTConfiguration {
  /// The published structure as narrow as it goes.
  static let tiny = {
    var c = X2CTConfiguration()
    c.encoderBlocks = [1, 1, 1, 1, 1]
    c.growthRate = 4
    c.bottleneck = 2
    c.encoderFirst = 4
    c.decoderChannels = [2, 2, 3, 4, 5, 6]
    c.inputSize = 64
    return c
  }()
}

extension ParameterArena {
  /// Larger weights than published ones at the start: gradients, and answers with running averages, above
  /// the noise of float32.
  init(large layout: ParameterLayout, seed: UInt64) {
    self.init(layout, seed: seed)
    for parameter in layout.parameters where parameter.name.hasSuffix("weight") {
      set(parameter, self[parameter].array.map { 10 * $0 })
    }
  }
}
