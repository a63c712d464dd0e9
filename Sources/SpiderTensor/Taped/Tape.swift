import SpiderSupport

/// Which numbers a normalisation subtracts and divides by.
package enum NormStatistics: Sendable {
  /// Those of the sample itself, where the normalisation is of the kind that knows samples: how the
  /// published test scripts run, and training.
  case sample
  /// Running averages from training.
  case running
}

/// The record of one pass through a network: what its layers share, and in training the backward pass of
/// each.
///
/// Layers are functions from ``Activation`` to ``Activation``; each computes its output, and hands its
/// backward pass to `record`, written next to it. Without gradients nothing is kept.
package final class Tape {
  /// The numbers of the network.
  package let parameters: ParameterArena
  /// What normalisations use.
  package let statistics: NormStatistics
  /// Where gradients of parameters are added up; nil in use.
  package let pool: GradientPool?
  /// Intermediate results by name, when they are asked for.
  package private(set) var taps: [String: Tensor] = [:]
  private let keepsTaps: Bool
  private var dropout: SeededGenerator?
  private var steps: [() -> Void] = []
  /// The gradients of a reference pass, in the layout of the parameters; nil in others.
  private(set) var exactSums: [Double]?
  private var averages: [(parameter: Parameter, values: [Double])] = []

  /// Whether the gradients of large parameters are wanted; false where only the input's is.
  package let isTraining: Bool

  /// Starts a pass. With a pool, the backward pass may follow; with `dropout`, numbers are dropped
  /// where the published training drops them. Where the network stays as it is, `isTraining` false saves half of
  /// the backward pass: what the pool then holds means nothing.
  package init(
    _ parameters: ParameterArena, statistics: NormStatistics = .sample, pool: GradientPool? = nil,
    dropout: SeededGenerator? = nil, keepsTaps: Bool = false, isTraining: Bool = true
  ) {
    self.isTraining = isTraining
    self.dropout = dropout
    self.parameters = parameters
    self.statistics = statistics
    self.pool = pool
    self.keepsTaps = keepsTaps
  }

  /// Starts a reference pass: every layer as its definition says, in double precision, slow. It keeps
  /// what the backward pass needs; gradients add up in ``gradient(of:)`` over all passes back.
  package init(reference parameters: ParameterArena) {
    isTraining = true
    self.parameters = parameters
    statistics = .sample
    pool = nil
    keepsTaps = false
    exactSums = [Double](repeating: 0, count: parameters.layout.count)
  }

  /// Whether the backward pass will be asked for.
  package var isRecording: Bool { pool != nil || isReference }
  /// Whether nothing but the result is wanted.
  package var isPlain: Bool { !isRecording && !keepsTaps }
  /// Whether layers work in double precision.
  package var isReference: Bool { exactSums != nil }

  /// The gradient of a parameter, once it has come back. To be asked for after the pass, not within.
  package func gradient(of parameter: Parameter) -> [Double] {
    if let exactSums {
      return Array(exactSums[parameter.offset..<parameter.offset + parameter.count])
    }
    return pool.map { $0.slice(parameter).array.map(Double.init) } ?? []
  }

  /// A parameter's numbers for a reference pass.
  package func exact(_ parameter: Parameter) -> [Double] {
    parameters[parameter].array.map(Double.init)
  }

  /// Hands over the backward pass of a reference pass. `add` takes gradients of parameters.
  package func recordExact(
    _ output: Activation,
    _ backward: @escaping (_ gradient: [Double], _ add: (Parameter, [Double]) -> Void) -> Void
  ) {
    steps.append { [unowned self] in
      guard let gradient = output.takeExactGradient() else { return }
      backward(gradient) { parameter, values in
        for (index, value) in values.enumerated() {
          self.exactSums?[parameter.offset + index] += value
        }
      }
    }
  }

  /// Hands over how the gradient of an output goes back to what it was made of.
  package func record(_ output: Activation, _ backward: @escaping (Tensor, GradientPool) -> Void) {
    guard let pool else { return }
    steps.append {
      if let gradient = output.takeGradient() { backward(gradient, pool) }
    }
  }

  /// Carries the gradient of a result back through all layers, last first. Parameters' gradients are
  /// in the pool afterwards, those of inputs that are not constant in the inputs.
  package func backward(from output: Activation, gradient: Tensor) {
    output.add(gradient)
    backward()
  }

  /// The same where the gradients of all results have been handed to them.
  package func backward() {
    while let step = steps.popLast() { step() }
  }

  /// Drops each number with a probability of one half and doubles the others; all are kept outside
  /// training.
  package func dropout(_ x: Activation) -> Activation {
    guard dropout != nil else { return x }
    let factors = (0..<x.value.count).map { _ -> Float in
      (dropout?.uniform() ?? 1) < 0.5 ? 0 : 2
    }
    let output = Activation(Tensor(x.shape, zip(x.value.values, factors).map { $0 * $1 }))
    record(output) { gradient, _ in
      x.add(Tensor(x.shape, zip(gradient.values, factors).map { $0 * $1 }))
    }
    return output
  }

  /// Takes down what a running average is moved towards.
  package func noteAverage(_ parameter: Parameter, _ values: [Double]) {
    averages.append((parameter, values))
  }

  /// Moves the running averages of normalisations a tenth of the way to this pass's statistics.
  package func updateAverages(of parameters: inout ParameterArena) {
    for (parameter, values) in averages {
      let old = parameters[parameter].array
      parameters.set(parameter, zip(old, values).map { Float(0.9 * Double($0) + 0.1 * $1) })
    }
  }

  /// Keeps an intermediate result under the name of its module in the published code.
  package func tap(_ name: String, _ activation: Activation) {
    if keepsTaps { taps[name] = activation.value }
  }
}

/// Gives out the places of a published network's parameters, under their published names.
package struct LayerBuilder {
  /// The parameters so far: weights, and the running averages of normalisations, whose gradient is
  /// always zero.
  package var layout = ParameterLayout()
  /// The names that a file of weights holds, where one is being read.
  package let published: Set<String>?
  /// How weights are drawn.
  package let initializer: Initializer
  /// How convolutions of images up to 64 x 64 are computed; nil leaves it to their shape. Winograd's
  /// transforms multiply rounding a few times over. That matters where normalisations over very few
  /// values follow, which amplify it; on small images the plain way costs little.
  package let smallImages: ConvolutionPath?

  package init(
    published: Set<String>? = nil, initializer: Initializer, smallImages: ConvolutionPath? = nil
  ) {
    self.published = published
    self.initializer = initializer
    self.smallImages = smallImages
  }

  /// Whether there is a parameter of this name: as the file says, else by the rule.
  package func has(_ name: String, otherwise rule: Bool) -> Bool {
    published?.contains(name) ?? rule
  }
}
