/// Group normalisation with an affine map a channel and, optionally, the positive part after it
/// (Wu & He 2018). It knows nothing of the batch, so training and use compute the same.
///
/// y = relu(gamma (x - mean) / sqrt(variance + epsilon) + beta), mean and variance over the H W values
/// of the channels of a group of one image.
public struct GroupNorm: Sendable {
  /// Channels of the input.
  public let channels: Int
  /// Groups they are split into.
  public let groups: Int
  /// Whether the positive part follows.
  public let relu: Bool
  /// Scale (C), called `weight` in model files as elsewhere in the field.
  public let gamma: Parameter
  /// Shift (C), called `bias` in model files.
  public let beta: Parameter
  /// Added to the variance.
  public let epsilon: Float = 1e-5

  /// What the backward pass needs.
  public struct Tape: Sendable {
    let input: Tensor
    let statistics: Tensor
  }

  /// Builds the layer; `groups` is lowered to a divisor of the channels.
  public init(
    _ name: String, channels: Int, groups: Int = 8, relu: Bool = true,
    layout: inout ParameterLayout
  ) {
    self.channels = channels
    self.groups = (1...min(groups, channels)).last { channels % $0 == 0 } ?? 1
    self.relu = relu
    gamma = layout.add("\(name).weight", [channels], .constant(1))
    beta = layout.add("\(name).bias", [channels], .constant(0))
  }

  /// (N, C, H, W) to the same shape.
  public func forward(_ input: Tensor, _ parameters: ParameterArena) -> (Tensor, Tape) {
    let (plane, size) = sizes(of: input)
    let items = input.shape[0] * groups
    var output = Tensor(uninitialized: input.shape)
    var statistics = Tensor(uninitialized: [items, 2])
    let (y, stats) = (output.mutableSlice(), statistics.mutableSlice())
    let width = channels / groups
    Parallel.forEachWorker(splitting: items) { _, range in
      for item in range {
        let channel = item % groups * width
        Kernels.groupNorm(
          input.slice.part(item * size, size), plane: plane,
          gamma: parameters[gamma].part(channel, width),
          beta: parameters[beta].part(channel, width),
          epsilon: epsilon, relu: relu, into: y.part(item * size, size),
          statistics: stats.part(item * 2, 2))
      }
    }
    return (output, Tape(input: input, statistics: statistics))
  }

  /// The gradient of the input from that of the output; adds the parameters' gradients to the pool.
  public func backward(
    _ gradient: Tensor, _ tape: Tape, _ parameters: ParameterArena, _ pool: GradientPool
  ) -> Tensor {
    let (plane, size) = sizes(of: tape.input)
    let items = tape.input.shape[0] * groups
    var inputGradient = Tensor(uninitialized: tape.input.shape)
    let dx = inputGradient.mutableSlice()
    let width = channels / groups
    Parallel.forEachWorker(splitting: items, limit: pool.workerCount) { worker, range in
      let (dgamma, dbeta) = (pool.slice(gamma, worker: worker), pool.slice(beta, worker: worker))
      for item in range {
        let channel = item % groups * width
        Kernels.groupNormBackward(
          gradient.slice.part(item * size, size), x: tape.input.slice.part(item * size, size),
          plane: plane, gamma: parameters[gamma].part(channel, width),
          beta: parameters[beta].part(channel, width),
          statistics: tape.statistics.slice.part(item * 2, 2), relu: relu,
          into: dx.part(item * size, size), dgamma: dgamma.part(channel, width),
          dbeta: dbeta.part(channel, width))
      }
    }
    return inputGradient
  }

  private func sizes(of input: Tensor) -> (plane: Int, group: Int) {
    precondition(
      input.shape.count == 4 && input.shape[1] == channels,
      "images of shape \(input.shape) for \(channels) channels")
    let plane = input.shape[2] * input.shape[3]
    return (plane, channels / groups * plane)
  }
}
