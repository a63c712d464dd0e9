import SpiderCore
import SpiderSupport
import SpiderTensor

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
