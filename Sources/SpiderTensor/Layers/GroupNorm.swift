import SpiderSupport
internal import CSpiderKernels

/// Group normalisation with an affine map a channel and, optionally, ReLU after it
/// (Wu & He 2018). It knows nothing of the batch, so training and use compute the same.
///
/// y = relu(gamma (x - mean) / sqrt(variance + epsilon) + beta), mean and variance over the H W values
/// of the channels of a group of one image.
package struct GroupNorm: Sendable {
  /// Channels of the input.
  package let channels: Int
  /// Groups they are split into.
  package let groups: Int
  /// Whether ReLU follows.
  package let relu: Bool
  /// Scale (C), called `weight` in model files as elsewhere in the field.
  package let gamma: Parameter
  /// Shift (C), called `bias` in model files.
  package let beta: Parameter
  /// Added to the variance.
  package let epsilon: Float

  /// Builds the layer; `groups` is lowered to a divisor of the channels.
  package init(
    _ name: String, channels: Int, groups: Int = 8, relu: Bool = true, epsilon: Float = 1e-5,
    layout: inout ParameterLayout
  ) {
    self.channels = channels
    self.groups = (1...min(groups, channels)).last { channels % $0 == 0 } ?? 1
    self.relu = relu
    self.epsilon = epsilon
    gamma = layout.add("\(name).weight", [channels], .constant(1))
    beta = layout.add("\(name).bias", [channels], .constant(0))
  }

  /// How many numbers the statistics of N images are: mean and inverse deviation of every group, and
  /// room for the sums of each image's channels that the backward pass brings together.
  package func statisticsCount(images: Int) -> Int { images * (2 * groups + 2 * channels) }

  /// (N, C, H, W) to the same shape. The output may be the input's own memory.
  package func forward(
    _ input: ImageSlice, _ parameters: ParameterArena, into output: ImageSlice,
    statistics: FloatSlice
  ) {
    check(input, output, statistics)
    Parallel.forEachWorker(splitting: input.count * groups) { _, range in
      for item in range {
        let (n, group) = (item / groups, channels(of: item % groups))
        Self.forward(
          group: input.channels(group, of: n), plane: input.plane,
          gamma: parameters[gamma].part(group.lowerBound, group.count),
          beta: parameters[beta].part(group.lowerBound, group.count), epsilon: epsilon, relu: relu,
          into: output.channels(group, of: n), statistics: statistics.part(item * 2, 2))
      }
    }
  }

  /// The gradient of the input from that of the output; adds the parameters' gradients to the pool.
  /// The gradient of the input may take the memory of the input.
  package func backward(
    _ gradient: ImageSlice, input: ImageSlice, statistics: FloatSlice,
    _ parameters: ParameterArena, _ pool: GradientPool, into inputGradient: ImageSlice
  ) {
    check(input, gradient, statistics)
    check(input, inputGradient, statistics)
    let sums = statistics.part(2 * input.count * groups, 2 * input.count * channels)
    Parallel.forEachWorker(splitting: input.count * groups) { _, range in
      for item in range {
        let (n, group) = (item / groups, channels(of: item % groups))
        Self.backward(
          group: gradient.channels(group, of: n), x: input.channels(group, of: n),
          plane: input.plane,
          gamma: parameters[gamma].part(group.lowerBound, group.count),
          beta: parameters[beta].part(group.lowerBound, group.count),
          statistics: statistics.part(item * 2, 2), relu: relu,
          into: inputGradient.channels(group, of: n),
          dgamma: sums.part(2 * n * channels + group.lowerBound, group.count),
          dbeta: sums.part((2 * n + 1) * channels + group.lowerBound, group.count))
      }
    }
    for n in 0..<input.count {
      Elements.add(sums.part(2 * n * channels, channels), to: pool.slice(gamma))
      Elements.add(sums.part((2 * n + 1) * channels, channels), to: pool.slice(beta))
    }
  }

  private func channels(of group: Int) -> Range<Int> {
    let width = channels / groups
    return group * width..<(group + 1) * width
  }

  private func check(_ input: ImageSlice, _ output: ImageSlice, _ statistics: FloatSlice) {
    precondition(
      input.channels == channels && output.channels == channels && output.count == input.count
        && output.height == input.height && output.width == input.width,
      "from \(input.place) to \(output.place) for \(channels) channels")
    precondition(
      statistics.count == statisticsCount(images: input.count),
      "\(statistics.count) statistics of \(input.count) images")
  }
}

// MARK: One group of channels

extension GroupNorm {
  /// Normalises one group of channels; `statistics` receives mean and inverse deviation. The output
  /// may be the input's own memory.
  package static func forward(
    group x: FloatSlice, plane: Int, gamma: FloatSlice, beta: FloatSlice, epsilon: Float,
    relu: Bool, into y: FloatSlice, statistics: FloatSlice
  ) {
    precondition(gamma.count == beta.count && x.count == gamma.count * plane)
    unsafe spider_group_norm(
      x.address(x.count), Int32(gamma.count), Int64(plane), gamma.address(gamma.count),
      beta.address(beta.count), epsilon, relu ? 1 : 0, y.mutableAddress(x.count),
      statistics.mutableAddress(2))
  }

  /// The backward pass of one group: writes dx, which may be the memory of x, and the group's dgamma
  /// and dbeta.
  package static func backward(
    group dy: FloatSlice, x: FloatSlice, plane: Int, gamma: FloatSlice, beta: FloatSlice,
    statistics: FloatSlice, relu: Bool, into dx: FloatSlice, dgamma: FloatSlice, dbeta: FloatSlice
  ) {
    precondition(gamma.count == beta.count && x.count == gamma.count * plane)
    unsafe spider_group_norm_backward(
      dy.address(x.count), x.address(x.count), Int32(gamma.count), Int64(plane),
      gamma.address(gamma.count), beta.address(gamma.count), statistics.address(2), relu ? 1 : 0,
      dx.mutableAddress(x.count), dgamma.mutableAddress(gamma.count),
      dbeta.mutableAddress(gamma.count))
  }
}

// MARK: Reference

extension GroupNorm {
  /// The normalisation as its definition says, in double: the reference of the tests, slow.
  package func referenceForward(_ input: Tensor, _ parameters: ParameterArena) -> [Double] {
    let x = input.values.map(Double.init)
    let (scale, shift) = (parameters[gamma].array, parameters[beta].array)
    let plane = input.shape[2] * input.shape[3]
    let size = channels / groups * plane
    return x.indices.map { index in
      let group = x[index / size * size..<(index / size + 1) * size]
      let mean = group.reduce(0, +) / Double(size)
      let variance = group.reduce(0) { $0 + ($1 - mean) * ($1 - mean) } / Double(size)
      let channel = index / plane % channels
      let y =
        Double(scale[channel]) * (x[index] - mean) / (variance + Double(epsilon)).squareRoot()
        + Double(shift[channel])
      return relu ? max(0, y) : y
    }
  }
}
