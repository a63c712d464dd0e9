/// How the voxels along one target axis are made of the voxels along one source axis, when the two
/// axes are parallel: the one-dimensional factor of a separable resampling.
///
/// A target voxel wider than the source voxels is the mean over its width (box averaging, exact for
/// any ratio); a narrower one is interpolated linearly. At equal width both are the same thing.
struct AxisWeights: Sendable {
  /// Whether the centre of each target voxel lies within the source.
  private(set) var inside: [Bool] = []
  /// The first source voxel of each target voxel.
  private(set) var first: [Int] = []
  /// Where the weights of each target voxel begin; one entry more than there are voxels.
  private(set) var offset: [Int] = [0]
  /// The weights of consecutive source voxels; those of one target voxel add up to 1.
  private(set) var weights: [Float] = []

  /// The weights for `count` target voxels at the source positions `start + step * t`, of which the
  /// source has `sourceCount` voxels.
  init(count: Int, start: Double, step: Double, sourceCount: Int) {
    let last = Double(sourceCount - 1)
    for t in 0..<count {
      let center = start + step * Double(t)
      let isInside = center >= -0.5 - 1e-6 && center <= last + 0.5 + 1e-6
      inside.append(isInside)
      if !isInside {
        first.append(0)
      } else if abs(step) <= 1 {
        appendLinear(at: min(max(center, 0), last), sourceCount: sourceCount)
      } else {
        let half = abs(step) / 2
        appendBox(
          from: max(center - half, -0.5), to: min(center + half, last + 0.5),
          sourceCount: sourceCount)
      }
      offset.append(weights.count)
    }
  }

  private mutating func appendLinear(at position: Double, sourceCount: Int) {
    let low = min(Int(position), max(0, sourceCount - 2))
    let fraction = Float(position - Double(low))
    first.append(low)
    weights.append(1 - fraction)
    if sourceCount > 1 { weights.append(fraction) }
  }

  private mutating func appendBox(from low: Double, to high: Double, sourceCount: Int) {
    let begin = min(max(Int((low + 0.5).rounded(.down)), 0), sourceCount - 1)
    // A sliver thinner than a millionth of a voxel is rounding, not overlap.
    let end = min(max(Int((high + 0.5 - 1e-6).rounded(.down)), begin), sourceCount - 1)
    first.append(begin)
    let overlaps = (begin...end).map { s in
      max(0, min(high, Double(s) + 0.5) - max(low, Double(s) - 0.5))
    }
    let sum = overlaps.reduce(0, +)
    weights += sum > 0 ? overlaps.map { Float($0 / sum) } : overlaps.map { _ in 1 }
  }
}
