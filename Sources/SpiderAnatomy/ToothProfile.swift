/// How much bone and tooth there is at each height above the chin, from which the plane is told in
/// which the teeth meet.
enum ToothProfile {
  /// A voxel of the front of the jaws: mm before the chin, mm above it, HU.
  struct Point {
    let forward: Double
    let height: Double
    let hu: Double
  }

  /// From the chin up to the bite of an adult, mm.
  private static let usual = 38.0
  /// The heights looked at, mm, one a bin.
  private static let heights = 26..<54

  /// The height of the bite over the chin (mm) under the front of the chin, and its slope, mm per mm
  /// to the front.
  ///
  /// Between open or lightly closed jaws there is a gap: a minimum between the crowns of the lower
  /// and the upper teeth. Where thick slices close it, the crowns together are the densest part of
  /// the jaws and the teeth meet in its middle.
  static func bite(of points: [Point]) -> (height: Double, slope: Double) {
    var best = (cost: Double.infinity, contrast: 1.0, height: usual, slope: 0.0)
    for step in -6...4 {
      let slope = Double(step) / 10
      let profile = profile(of: points, slope: slope)
      for bin in heights {
        let below = profile[(bin - 14)..<bin].max() ?? 0
        let above = profile[(bin + 1)..<(bin + 15)].max() ?? 0
        guard min(below, above) > 0 else { continue }
        let contrast = profile[bin] / min(below, above)
        let off = (Double(bin) + 0.5 - usual) / 10
        let cost = contrast + 0.3 * off * off + 1.5 * slope * slope
        if cost < best.cost { best = (cost, contrast, Double(bin) + 0.5, slope) }
      }
    }
    if best.contrast < 0.75 { return (best.height, best.slope) }
    let level = profile(of: points, slope: 0)
    let densest = heights.max { level[$0] < level[$1] } ?? Int(usual)
    return (0.5 * (Double(densest) + 0.5 + usual), 0)
  }

  /// HU summed over each mm of height above a slope, smoothed.
  private static func profile(of points: [Point], slope: Double) -> [Double] {
    var sums = [Double](repeating: 0, count: heights.upperBound + 20)
    for point in points {
      let bin = (point.height - slope * point.forward).rounded(.down)
      if bin >= 0 && bin < Double(sums.count) { sums[Int(bin)] += min(point.hu, 2000) }
    }
    // Voxels are larger than a bin: a mean over four mm leaves no empty ones between them.
    return sums.indices.map { bin in
      let part = sums[max(0, bin - 2)..<min(sums.count, bin + 3)]
      return part.reduce(0, +) / Double(part.count)
    }
  }
}
