import SpiderCore
import SpiderTensor

/// One level of a decoder, of a view or the fused one: some convolutions, then the step to the next
/// finer level, which the finest has not.
struct DecoderLevel {
  private let name: String
  private let blocks: [VolumeBlock]

  /// `joins` says that the first convolution brings twice the channels to `channels`.
  init(
    _ name: String, channels: Int, convolutions: Int, joins: Bool = false, next: Int?,
    _ norm: Normalization.Kind, _ builder: inout LayerBuilder
  ) {
    self.name = name
    var blocks: [VolumeBlock] = []
    for index in 0..<convolutions + (joins ? 1 : 0) {
      // A block is three entries of the published list: convolution, normalisation, positive part.
      blocks.append(
        VolumeBlock(
          name, at: 3 * index, inputChannels: joins && index == 0 ? 2 * channels : channels,
          outputChannels: channels, norm, &builder))
    }
    if let next {
      blocks.append(
        VolumeBlock(
          doubling: "\(name).\(3 * blocks.count).block.block", inputChannels: channels,
          outputChannels: next, norm, &builder))
    }
    self.blocks = blocks
  }

  /// (N, C, S, S, S) to (N, C', 2S, 2S, 2S), or the same size at the finest level. A second volume of the
  /// same size is joined with the first, behind it. In use every volume goes as soon as it has been read.
  func callAsFunction(
    _ x: consuming Activation, joinedWith second: consuming Activation? = nil, _ tape: Tape
  ) -> Activation {
    var rest = blocks[...]
    if let other = second.take(), let join = rest.popFirst() { x = join.joining(x, other, tape) }
    for block in rest { x = block(x, tape) }
    tape.tap(name, x)
    return x
  }
}
