import SpiderSupport

/// Instance or batch normalisation of images or volumes, and ReLU after it when asked:
/// y = relu(g (x - mean) / sqrt(variance + 1e-5) + b), g and b only where the published network has
/// them, one a channel.
///
/// Instance normalisation takes mean and variance (biased) of each channel of each sample, or, on
/// demand, running averages; batch normalisation takes those of a whole batch in training and running
/// averages in use.
package struct Normalization {
  /// What a mean is taken over.
  package enum Kind: String, Codable, Sendable {
    /// A channel of a sample.
    case instance
    /// A channel of all samples of a batch, while training.
    case batch
  }

  package static let epsilon: Float = 1e-5

  package let kind: Kind
  package let channels: Int
  package let relu: Bool
  /// g and b (C), for affine normalisation.
  package let scale: Parameter?
  package let shift: Parameter?
  /// Running averages (C). They are no weights: they have no gradient.
  package let mean: Parameter
  package let variance: Parameter

  package init(
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
  package func callAsFunction(_ x: Activation, _ tape: Tape) -> Activation {
    if tape.isReference { return reference(x, tape) }
    var y = Tensor(uninitialized: x.shape)
    guard usesSample(tape) else {
      precondition(!tape.isRecording, "gradients of running averages are not supported")
      useRunningAverages(x.value, tape.parameters, into: y.mutableSlice())
      return Activation(y)
    }
    let statistics = normalize(x.value, tape.parameters, into: y.mutableSlice())
    if tape.isRecording { noteAverages(statistics, of: x.shape, tape) }
    let output = Activation(y)
    tape.record(output) { gradient, pool in
      x.add(backward(gradient, input: x.value, statistics, tape.parameters, pool))
    }
    return output
  }

  /// Normalises numbers that nobody else reads, in their place.
  package func apply(to x: inout Tensor, _ tape: Tape) {
    precondition(!tape.isRecording, "the backward pass needs what normalisation overwrites")
    let memory = x.mutableSlice()
    if usesSample(tape) {
      _ = normalize(x, tape.parameters, into: memory)
    } else {
      useRunningAverages(x, tape.parameters, into: memory)
    }
  }

  /// Whether the sample's own statistics count, not the running ones.
  package func usesSample(_ tape: Tape) -> Bool {
    kind == .instance ? tape.statistics == .sample : tape.isRecording
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
        Elements.scaleShift(
          from.part(item * size, size), scale: a, shift: b, relu: relu,
          into: y.part(item * size, size))
      }
    }
  }

  /// Returns mean and inverse deviation of every channel of every sample, or of the batch.
  private func normalize(
    _ x: Tensor, _ parameters: ParameterArena, into y: FloatSlice
  ) -> FloatSlice {
    let group = group(x)
    let (gammas, betas) = affine(parameters, slices: group.planes)
    let statistics = FloatSlice.scratch(2 * group.count)
    let from = x.slice
    Parallel.forEachWorker(splitting: group.count) { _, range in
      let gathered = group.scratch()
      for item in range {
        let channel = item % channels * group.planes
        let input = group.gather(from, item, in: gathered)
        let output = group.target(y, item, scratch: gathered)
        GroupNorm.forward(
          group: input, plane: group.plane, gamma: gammas.part(channel, group.planes),
          beta: betas.part(channel, group.planes), epsilon: Self.epsilon, relu: relu,
          into: output, statistics: statistics.part(2 * item, 2))
        group.scatter(output, item, to: y)
      }
    }
    return statistics
  }

  private func backward(
    _ gradient: Tensor, input x: Tensor, _ statistics: FloatSlice, _ parameters: ParameterArena,
    _ pool: GradientPool
  ) -> Tensor {
    let group = group(x)
    let (gammas, betas) = affine(parameters, slices: group.planes)
    let sums = FloatSlice.scratch(2 * group.count * group.planes)
    var inputGradient = Tensor(uninitialized: x.shape)
    let (from, up, to) = (x.slice, gradient.slice, inputGradient.mutableSlice())
    Parallel.forEachWorker(splitting: group.count) { _, range in
      let (gathered, gatheredUp) = (group.scratch(), group.scratch())
      for item in range {
        let channel = item % channels * group.planes
        let input = group.gather(from, item, in: gathered)
        let output = group.target(to, item, scratch: gathered)
        GroupNorm.backward(
          group: group.gather(up, item, in: gatheredUp), x: input, plane: group.plane,
          gamma: gammas.part(channel, group.planes), beta: betas.part(channel, group.planes),
          statistics: statistics.part(2 * item, 2), relu: relu, into: output,
          dgamma: sums.part(2 * item * group.planes, group.planes),
          dbeta: sums.part((2 * item + 1) * group.planes, group.planes))
        group.scatter(output, item, to: to)
      }
    }
    if let scale, let shift {
      let (dscale, dshift) = (pool.slice(scale), pool.slice(shift))
      for item in 0..<group.count {
        for plane in 0..<group.planes {
          dscale[item % channels] += sums[2 * item * group.planes + plane]
          dshift[item % channels] += sums[(2 * item + 1) * group.planes + plane]
        }
      }
    }
    return inputGradient
  }

  /// What the running averages are moved towards: means over the batch, variances unbiased.
  private func noteAverages(_ statistics: FloatSlice, of shape: [Int], _ tape: Tape) {
    let count = statistics.count / 2
    let share = Double(channels) / Double(count)
    let values = Double(shape.reduce(1, *)) / Double(count)
    var (means, variances) = (
      [Double](repeating: 0, count: channels), [Double](repeating: 0, count: channels)
    )
    for item in 0..<count {
      let inverse = Double(statistics[2 * item + 1])
      let biased = 1 / (inverse * inverse) - Double(Self.epsilon)
      means[item % channels] += share * Double(statistics[2 * item])
      variances[item % channels] += share * biased * values / (values - 1)
    }
    tape.noteAverage(mean, means)
    tape.noteAverage(variance, variances)
  }

  private func group(_ x: Tensor) -> NormalizationGroup {
    NormalizationGroup(x.shape, overBatch: kind == .batch)
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

  private func sampleSize(_ x: Tensor) -> Int {
    precondition(x.shape[1] == channels, "shape \(x.shape) for \(channels) channels")
    return x.shape[2...].reduce(1, *)
  }
}

/// Which numbers of a batch (N, C, ...) a normalisation takes together: a channel of one sample, which
/// lies together in memory, or a channel of all samples, which has to be gathered first.
package struct NormalizationGroup: Sendable {
  private let samples: Int
  private let channels: Int
  /// Numbers of a channel of one sample.
  private let size: Int
  private let isGathered: Bool
  /// Groups there are.
  package let count: Int
  /// Planes of a group, and numbers of a plane.
  package let planes: Int
  package let plane: Int

  package init(_ shape: [Int], overBatch: Bool) {
    (samples, channels, size) = (shape[0], shape[1], shape[2...].reduce(1, *))
    isGathered = overBatch && samples > 1
    count = overBatch ? channels : samples * channels
    let slices = shape.count == 5 ? shape[2] : 1
    planes = (overBatch ? samples : 1) * slices
    plane = size / slices
  }

  /// Memory for one gathered group.
  package func scratch() -> FloatSlice { .scratch(isGathered ? samples * size : 0) }

  /// The numbers of a group, together.
  package func gather(_ x: FloatSlice, _ item: Int, in scratch: FloatSlice) -> FloatSlice {
    guard isGathered else { return x.part(item * size, size) }
    for n in 0..<samples {
      scratch.part(n * size, size).copy(from: x.part((n * channels + item) * size, size))
    }
    return scratch
  }

  /// Where a group's results are to be written: their own place, or the gathered input's.
  package func target(_ y: FloatSlice, _ item: Int, scratch: FloatSlice) -> FloatSlice {
    isGathered ? scratch : y.part(item * size, size)
  }

  /// Brings gathered results to their places.
  package func scatter(_ results: FloatSlice, _ item: Int, to y: FloatSlice) {
    guard isGathered else { return }
    for n in 0..<samples {
      y.part((n * channels + item) * size, size).copy(from: results.part(n * size, size))
    }
  }
}
