import SpiderCore

/// Instance or batch normalisation of images or volumes, and the positive part after it when asked:
/// y = relu(g (x - mean) / sqrt(variance + 1e-5) + b), g and b only where the published network has
/// them, one a channel.
///
/// Instance normalisation takes mean and variance (biased) of each channel of each sample, or, on
/// demand, running averages; batch normalisation in use always takes running averages.
struct Normalization {
  /// What a mean is taken over.
  enum Kind: String, Codable, Sendable {
    /// A channel of a sample.
    case instance
    /// A channel of all samples of a batch, while training.
    case batch
  }

  static let epsilon: Float = 1e-5

  let kind: Kind
  let channels: Int
  let relu: Bool
  /// g and b (C), for affine normalisation.
  let scale: Parameter?
  let shift: Parameter?
  /// Running averages (C). They are no weights: they have no gradient.
  let mean: Parameter
  let variance: Parameter

  init(
    _ name: String, _ kind: Kind, channels: Int, relu: Bool = true, _ builder: inout LayerBuilder
  ) {
    self.kind = kind
    self.channels = channels
    self.relu = relu
    let isAffine = builder.has("\(name).weight", otherwise: kind == .batch)
    scale = isAffine ? builder.layout.add("\(name).weight", [channels], .constant(1)) : nil
    shift = isAffine ? builder.layout.add("\(name).bias", [channels], .constant(0)) : nil
    mean = builder.layout.add("\(name).running_mean", [channels], .constant(0))
    variance = builder.layout.add("\(name).running_var", [channels], .constant(1))
  }

  /// (N, C, ...) to the same shape.
  func callAsFunction(_ x: Activation, _ pass: Pass) -> Activation {
    var y = Tensor(uninitialized: x.shape)
    guard usesSample(pass) else {
      precondition(!pass.isRecording, "gradients of running averages are not supported")
      useRunningAverages(x.value, pass.parameters, into: y.mutableSlice())
      return Activation(y)
    }
    let statistics = normalize(x.value, pass.parameters, into: y.mutableSlice())
    let output = Activation(y)
    pass.record(output) { gradient, pool in
      x.add(backward(gradient, input: x.value, statistics, pass.parameters, pool))
    }
    return output
  }

  /// Normalises numbers that nobody else reads, in their place.
  func apply(to x: inout Tensor, _ pass: Pass) {
    precondition(!pass.isRecording, "the way back needs what normalisation overwrites")
    let memory = x.mutableSlice()
    if usesSample(pass) {
      _ = normalize(x, pass.parameters, into: memory)
    } else {
      useRunningAverages(x, pass.parameters, into: memory)
    }
  }

  private func usesSample(_ pass: Pass) -> Bool {
    precondition(
      kind == .instance || !pass.isRecording, "batch statistics in training are not supported")
    return kind == .instance && pass.statistics == .sample
  }

  private func useRunningAverages(
    _ x: Tensor, _ parameters: ParameterArena, into y: FloatSlice
  ) {
    let size = sampleSize(x)
    let from = x.slice
    Parallel.forEachWorker(splitting: x.shape[0] * channels) { _, range in
      for item in range {
        let channel = item % channels
        let deviation = (parameters[variance][channel] + Self.epsilon).squareRoot()
        let a = (scale.map { parameters[$0][channel] } ?? 1) / deviation
        let b = (shift.map { parameters[$0][channel] } ?? 0) - parameters[mean][channel] * a
        Kernels.scaleShift(
          from.part(item * size, size), scale: a, shift: b, relu: relu,
          into: y.part(item * size, size))
      }
    }
  }

  /// Returns mean and inverse deviation of every channel of every sample.
  private func normalize(
    _ x: Tensor, _ parameters: ParameterArena, into y: FloatSlice
  ) -> FloatSlice {
    let (size, slices) = (sampleSize(x), slices(x))
    let (gammas, betas) = affine(parameters, slices: slices)
    let statistics = FloatSlice.scratch(2 * x.shape[0] * channels)
    let from = x.slice
    Parallel.forEachWorker(splitting: x.shape[0] * channels) { _, range in
      for item in range {
        let channel = item % channels
        Kernels.groupNorm(
          from.part(item * size, size), plane: size / slices,
          gamma: gammas.part(channel * slices, slices), beta: betas.part(channel * slices, slices),
          epsilon: Self.epsilon, relu: relu, into: y.part(item * size, size),
          statistics: statistics.part(2 * item, 2))
      }
    }
    return statistics
  }

  private func backward(
    _ gradient: Tensor, input x: Tensor, _ statistics: FloatSlice, _ parameters: ParameterArena,
    _ pool: GradientPool
  ) -> Tensor {
    let (size, slices, items) = (sampleSize(x), slices(x), x.shape[0] * channels)
    let (gammas, betas) = affine(parameters, slices: slices)
    let sums = FloatSlice.scratch(2 * items * slices)
    var inputGradient = Tensor(uninitialized: x.shape)
    let (from, up, to) = (x.slice, gradient.slice, inputGradient.mutableSlice())
    Parallel.forEachWorker(splitting: items) { _, range in
      for item in range {
        let channel = item % channels
        Kernels.groupNormBackward(
          up.part(item * size, size), x: from.part(item * size, size), plane: size / slices,
          gamma: gammas.part(channel * slices, slices), beta: betas.part(channel * slices, slices),
          statistics: statistics.part(2 * item, 2), relu: relu, into: to.part(item * size, size),
          dgamma: sums.part(2 * item * slices, slices),
          dbeta: sums.part((2 * item + 1) * slices, slices))
      }
    }
    if let scale, let shift {
      let (dscale, dshift) = (pool.slice(scale), pool.slice(shift))
      for item in 0..<items {
        for slice in 0..<slices {
          dscale[item % channels] += sums[2 * item * slices + slice]
          dshift[item % channels] += sums[(2 * item + 1) * slices + slice]
        }
      }
    }
    return inputGradient
  }

  /// Scale and shift once for every slice of a channel: the kernel normalises the slices of a volume
  /// as a group of planes, because it adds up planes in single and their sums in double precision.
  private func affine(_ parameters: ParameterArena, slices: Int) -> (FloatSlice, FloatSlice) {
    let (gammas, betas) = (
      FloatSlice.scratch(channels * slices), FloatSlice.scratch(channels * slices)
    )
    for channel in 0..<channels {
      gammas.part(channel * slices, slices).fill(scale.map { parameters[$0][channel] } ?? 1)
      betas.part(channel * slices, slices).fill(shift.map { parameters[$0][channel] } ?? 0)
    }
    return (gammas, betas)
  }

  private func slices(_ x: Tensor) -> Int { x.shape.count == 5 ? x.shape[2] : 1 }

  private func sampleSize(_ x: Tensor) -> Int {
    precondition(x.shape[1] == channels, "shape \(x.shape) for \(channels) channels")
    return x.shape[2...].reduce(1, *)
  }
}
