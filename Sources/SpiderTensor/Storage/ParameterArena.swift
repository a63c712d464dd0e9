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

/// The place of one named parameter in the arena of its network.
package struct Parameter: Sendable, Equatable {
  /// The path of properties that leads to it, such as `encoder.down.0.first.weight`. It is also the
  /// tensor's name in model files.
  package let name: String
  /// Its shape.
  package let shape: [Int]
  /// Where it starts in the arena.
  package let offset: Int
  /// How its first values are drawn.
  package let initializer: Initializer
  /// Where its gradient starts in the sums of one worker, when all workers add to it at once.
  let perWorkerOffset: Int?

  /// How many numbers it has.
  package var count: Int { shape.reduce(1, *) }
}

/// How the first values of a parameter are drawn.
package enum Initializer: Sendable, Equatable {
  /// All the same.
  case constant(Float)
  /// Normal, variance 2 / `inputs`: keeps the variance through ReLU layers (He et al. 2015).
  case he(inputs: Int)
  /// Uniform within +-`bound`.
  case uniform(Float)
  /// Normal with a standard deviation.
  case normal(Float)
}

/// The list of a network's parameters, in the order of the arena that holds them. Layers add to it
/// when they are built.
package struct ParameterLayout: Sendable {
  /// The parameters, in order.
  package private(set) var parameters: [Parameter] = []
  /// How many numbers they have together.
  package private(set) var count = 0
  /// How many numbers those have to whose gradients all workers add at once.
  private(set) var perWorkerCount = 0

  /// An empty list.
  package init() {}

  /// Adds a parameter and says where it lies. `perWorker` when all workers add to its gradient at
  /// once, each to a sum of its own: right for small parameters (see `GradientPool`).
  package mutating func add(
    _ name: String, _ shape: [Int], _ initializer: Initializer, perWorker: Bool = false
  ) -> Parameter {
    let parameter = Parameter(
      name: name, shape: shape, offset: count, initializer: initializer,
      perWorkerOffset: perWorker ? perWorkerCount : nil)
    parameters.append(parameter)
    let size = (parameter.count + 15) / 16 * 16  // each on a 64-byte boundary
    count += size
    if perWorker { perWorkerCount += size }
    return parameter
  }
}
