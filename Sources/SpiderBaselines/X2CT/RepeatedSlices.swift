import SpiderCore
import SpiderSupport
import SpiderTensor

/// Volumes (N, C, depth, H, W) of which all slices are the same but for the outermost: what a kernel of
/// three makes of a repeated feature map (all but the first and the last), and what another makes of
/// that (all but two on either side). An odd number of slices tells all.
enum RepeatedSlices {
  /// From few slices to all: the middle one again and again.
  static func thickened(_ x: Tensor, depth: Int) -> Tensor {
    let s = x.shape
    var y = Tensor(uninitialized: [s[0], s[1], depth, s[3], s[4]])
    let (from, to) = (x.slice, y.mutableSlice())
    forEachSlice(s, depth) { plane, thin, thick in
      to.part(thick, plane).copy(from: from.part(thin, plane))
    }
    return y
  }

  /// The same in training.
  static func thickened(_ x: Activation, depth: Int, _ tape: Tape) -> Activation {
    let output = Activation(thickened(x.value, depth: depth))
    tape.record(output) { gradient, _ in
      var inputGradient = Tensor(x.shape)
      let (up, sums) = (gradient.slice, inputGradient.mutableSlice())
      forEachSlice(x.shape, depth) { plane, thin, thick in
        Elements.add(up.part(thick, plane), to: sums.part(thin, plane))
      }
      x.add(inputGradient)
    }
    return output
  }

  /// Runs `body` for every slice of the thick volume: numbers of a slice, and where it starts in the
  /// thin volume, whose shape is given, and in the thick one. One worker a channel.
  private static func forEachSlice(
    _ thin: [Int], _ depth: Int,
    _ body: @Sendable (_ plane: Int, _ thin: Int, _ thick: Int) -> Void
  ) {
    let (count, plane) = (thin[2], thin[3] * thin[4])
    let half = count / 2
    precondition(count % 2 == 1 && depth >= count, "\(count) slices of \(depth)")
    Parallel.forEachWorker(splitting: thin[0] * thin[1]) { _, range in
      for item in range {
        for slice in 0..<depth {
          let own = slice < half ? slice : max(half, slice - depth + count)
          body(plane, (item * count + own) * plane, (item * depth + slice) * plane)
        }
      }
    }
  }
}

extension Normalization {
  /// Normalises, in their place, three slices (N, C, 3, H, W) that stand for `depth` of them: the middle one
  /// for all between the first and the last. Mean and variance are those of all.
  func apply(to x: inout Tensor, standingFor depth: Int, _ tape: Tape) {
    precondition(x.shape[2] == 3 && depth > 2, "\(x.shape[2]) slices for \(depth)")
    guard usesSample(tape) else { return apply(to: &x, tape) }
    let (plane, parameters) = (x.shape[3] * x.shape[4], tape.parameters)
    let shares = [1, Double(depth - 2), 1].map { $0 / Double(depth) }
    let memory = x.mutableSlice()
    Parallel.forEachWorker(splitting: x.shape[0] * channels) { _, range in
      let (unused, numbers) = (FloatSlice.scratch(plane), FloatSlice.scratch(4))
      let (statistics, gamma, beta) = (numbers.part(0, 2), numbers.part(2, 1), numbers.part(3, 1))
      gamma.fill(1)
      beta.fill(0)
      for item in range {
        let own = memory.part(3 * item * plane, 3 * plane)
        let moments = (0..<3).map { slice -> (mean: Double, variance: Double) in
          GroupNorm.forward(
            group: own.part(slice * plane, plane), plane: plane, gamma: gamma, beta: beta,
            epsilon: Self.epsilon, relu: false, into: unused, statistics: statistics)
          let inverse = Double(statistics[1])
          return (Double(statistics[0]), 1 / (inverse * inverse) - Double(Self.epsilon))
        }
        let mean = zip(shares, moments).reduce(0) { $0 + $1.0 * $1.1.mean }
        let variance = zip(shares, moments).reduce(0) { sum, next in
          let (share, slice) = next
          return sum + share * (slice.variance + (slice.mean - mean) * (slice.mean - mean))
        }
        let deviation = (max(0, variance) + Double(Self.epsilon)).squareRoot()
        let (g, b) = affine(of: item % channels, parameters)
        Elements.scaleShift(
          own, scale: Float(g / deviation), shift: Float(b - g * mean / deviation), relu: relu,
          into: own)
      }
    }
  }

  /// g and b of a channel.
  private func affine(of channel: Int, _ parameters: ParameterArena) -> (Double, Double) {
    (
      scale.map { Double(parameters[$0][channel]) } ?? 1,
      shift.map { Double(parameters[$0][channel]) } ?? 0
    )
  }
}

/// Blocks on two activations joined along their channels. In use no tensor holds both: each gives its part
/// of the convolution. At full size a joined volume takes as much as all the weights.
extension VolumeBlock {
  /// The block on `first` and `second`, joined.
  func joining(_ first: Activation, _ second: Activation, _ tape: Tape) -> Activation {
    guard !tape.isRecording, let plain = convolution.plain else {
      return self(Channels.joined([first, second], tape), tape)
    }
    let split = first.shape[1]
    var y = plain.forward(first.value, channels: 0..<split, tape.parameters)
    plain.add(second.value, channels: split..<split + second.shape[1], tape.parameters, to: &y)
    normalization.apply(to: &y, tape)
    return Activation(y)
  }

  /// The block on a volume and a link of which the five slices are given that tell all
  /// (``DimensionLink/slices(_:_:)``), joined, in use. So do five slices of what the kernel makes of them, and
  /// half of the work is saved.
  func joining(_ volume: Activation, slices: Tensor, _ tape: Tape) -> Activation {
    guard let plain = convolution.plain else {
      preconditionFailure("a transposed convolution joins nothing")
    }
    let split = volume.shape[1]
    let given = plain.forward(
      slices, channels: split..<split + slices.shape[1], tape.parameters)
    var y = RepeatedSlices.thickened(given, depth: volume.shape[2])
    plain.add(volume.value, channels: 0..<split, tape.parameters, to: &y)
    normalization.apply(to: &y, tape)
    return Activation(y)
  }
}
