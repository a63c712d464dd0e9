import Foundation
import SpiderSupport

/// All parameters of a network in one contiguous block, with named views.
///
/// Gradients and the moments of the optimizer are arenas of the same layout filled with other
/// numbers, so that zeroing, norms, clipping, saving and the optimizer's step are single flat loops.
package struct ParameterArena: Sendable {
  /// Which parameters, and where.
  package let layout: ParameterLayout
  /// The numbers; padding between parameters stays 0.
  package var storage: Tensor

  /// An arena of zeros.
  package init(_ layout: ParameterLayout) {
    self.layout = layout
    storage = Tensor([layout.count])
  }

  /// An arena with first values drawn as each parameter says.
  package init(_ layout: ParameterLayout, seed: UInt64) {
    self.init(layout)
    let random = SeededGenerator(seed: seed)
    let all = storage.mutableSlice()
    for (index, parameter) in layout.parameters.enumerated() {
      var stream = random.fork(UInt64(index))
      let part = all.part(parameter.offset, parameter.count)
      switch parameter.initializer {
      case .constant(let value): part.fill(value)
      case .he(let inputs):
        let deviation = (2 / Double(inputs)).squareRoot()
        for i in 0..<part.count { part[i] = Float(deviation * stream.normal()) }
      case .normal(let deviation):
        for i in 0..<part.count { part[i] = Float(Double(deviation) * stream.normal()) }
      case .uniform(let bound):
        for i in 0..<part.count {
          part[i] = Float(stream.uniform(in: -Double(bound)...Double(bound)))
        }
      }
    }
  }

  /// The numbers of one parameter, to read.
  package subscript(parameter: Parameter) -> FloatSlice {
    storage.slice.part(parameter.offset, parameter.count)
  }

  /// Replaces the numbers of one parameter.
  package mutating func set(_ parameter: Parameter, _ values: [Float]) {
    storage.mutableSlice().part(parameter.offset, parameter.count).copy(from: values)
  }
}
