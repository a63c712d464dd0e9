import SpiderImaging

/// The lower jaw's position: its chin and the plane in which the teeth meet.
struct Jaw: Sendable {
  /// The front of the chin in the frame of the head, mm: in front of the back of the cavity, and
  /// above the foramen magnum (negative).
  let chin: (forward: Double, up: Double)
  /// The height of the bite above the foramen magnum under the front of the chin, mm.
  private let biteHeight: Double
  /// The rise of the bite per mm to the front.
  private let biteSlope: Double
  /// The voxels of the front of the jaw and of what it is joined to, the hyoid bone not among them.
  let front: Mask

  /// The least place of a chin, as a share of the cavity's length from its back.
  private static let leastForward = 0.86

  /// The height at which the teeth meet so far forward, mm.
  func bite(at forward: Double) -> Double { biteHeight + biteSlope * (forward - chin.forward) }

  /// Looks for a jaw among the bones; nil when the scan ends above it.
  init?(scene: AnatomyScene, frame: CranialAxes, bone: Mask) {
    let grid = scene.grid
    let places = bone.values.indices.filter { bone.values[$0] }
    let along = places.compactMap { index -> Double? in
      let p = frame.coordinates(of: grid.worldPoint(of: index))
      return p.z > -60 && p.z < 40 ? p.y : nil
    }.sorted()
    guard !along.isEmpty else { return nil }
    // From the front of the face back to before the pharynx: no spine, hardly the hyoid bone.
    let back = along[Int(0.995 * Double(along.count))] - 60
    var face = bone
    for index in places {
      let p = frame.coordinates(of: grid.worldPoint(of: index))
      if abs(p.x) > 45 || p.y < back || p.z > -4 { face.values[index] = false }
    }
    // Of parts that are larger than a hyoid bone, the jaw is the one that reaches furthest down: the
    // upper jaw itself when the teeth meet, a part of its own when they do not.
    let parts = ConnectedComponents(face)
    var lowestPoints = [Double](repeating: .infinity, count: parts.count + 1)
    for (index, part) in parts.labels.enumerated() where part > 0 {
      let height = frame.coordinates(of: grid.worldPoint(of: index)).z
      lowestPoints[Int(part)] = min(lowestPoints[Int(part)], height)
    }
    let large = (1...max(1, parts.count)).filter { part in
      part <= parts.count && Double(parts.sizes[part - 1]) * scene.voxelVolume > 6
    }
    guard let chosen = large.min(by: { lowestPoints[$0] < lowestPoints[$1] }) else { return nil }
    front = parts.mask(of: chosen)
    let points = parts.labels.indices.filter { Int(parts.labels[$0]) == chosen }
      .map { frame.coordinates(of: grid.worldPoint(of: $0)) }
      .sorted { $0.z < $1.z }
    let heights = points.map(\.z)
    // A mL of bone under it, a crumb, does not make a chin.
    let crumb = min(heights.count - 1, Int(0.3 / scene.voxelVolume))
    let lowest = heights[crumb]
    guard lowest < -28 else { return nil }
    let under = points.filter { $0.z < lowest + 10 }.map(\.y).sorted()
    let chinFront = under[min(under.count - 1, Int(0.95 * Double(under.count)))]
    // A chin stands nearly as far forward as the cavity's front, or farther: 0.96 of its length at least in 21 real
    // heads and 9 phantoms. Where it is cut off in front, a vertebra or the hyoid bone is at 0.77. In a head whose
    // pitch is not known forward is not where the chin points.
    guard frame.pitch == nil || chinFront > Self.leastForward * frame.length else { return nil }
    chin = (chinFront, lowest)

    let teeth = places.compactMap { index -> ToothProfile.Point? in
      let p = frame.coordinates(of: grid.worldPoint(of: index))
      guard abs(p.x) < 34, p.y > chinFront - 40, p.y < chinFront + 20 else { return nil }
      return ToothProfile.Point(
        forward: p.y - chinFront, height: p.z - lowest, hu: Double(scene.ct.values[index]))
    }
    let bite = ToothProfile.bite(of: teeth)
    biteHeight = lowest + bite.height
    biteSlope = bite.slope
  }
}

/// The profile of bone and tooth over the height above the chin, from which the plane is told in
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
  /// The heights looked at, mm, one per bin.
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
