import SpiderSupport

/// The neck's vertebrae with their discs, the spinal canal and the cord, in the frame of the upright neck.
struct Spine: Sendable {
  private let shape: HeadShape
  private let noise: Noise
  private let bounds = Bounds(Point(-3, -75, -190), Point(48, 22, -14))
  /// Middles of the bodies of C3 to C8 (the last ones are below most fields of view).
  private static let bodies: [Point] = [
    Point(0, -5, -71), Point(0, -4, -88), Point(0, -4, -105), Point(0, -6, -122.5),
    Point(0, -9, -140), Point(0, -13, -158),
  ]
  private let atlas = Atlas()
  private let axis = Axis()
  private let vertebrae: [(place: Point, vertebra: Vertebra)]

  init(shape: HeadShape, seed: UInt64, noise: Noise) {
    self.shape = shape
    self.noise = noise
    var generator = SeededGenerator(seed: seed).fork(22)
    vertebrae = Self.bodies.enumerated().map { index, body in
      func jitter(_ size: Double) -> Float { Float(generator.uniform(in: -size...size)) }
      // C3 to C5 have short spines, those below longer ones.
      let spine = (index >= 3 ? 1.35 + 0.12 * Float(index) : 0.85) + jitter(0.2)
      return (
        body + Point(0, jitter(1.1), jitter(0.8)),
        Vertebra(spine: spine, slope: jitter(0.11), size: 0.97 + jitter(0.06))
      )
    }
  }

  /// The distance to the nearest vertebra, and which one it is.
  func distance(_ probe: Probe) -> (bone: Float, number: Int) {
    let p = probe.foldedNeck
    guard bounds.contains(p) else { return (.infinity, 1) }
    var bone = Float.infinity
    var number = 1
    func add(_ distance: Float, _ candidate: Int) {
      if distance < bone { (bone, number) = (distance, candidate) }
    }
    if p.z > -60 { add(atlas.distance(p), 1) }
    if p.z > -78 { add(axis.distance(p), 2) }
    for (index, (place, vertebra)) in vertebrae.enumerated() where abs(p.z - place.z + 4) < 22 {
      add(vertebra.distance(p - place), 3 + index)
    }
    if bone < 6 { bone += 0.9 * noise.value(probe.point, size: 7, channel: 28) }
    return (bone, number)
  }

  /// The middle of the body of C3 to C7 in the upright neck.
  func middle(_ number: Int) -> Point { vertebrae[number - 3].place }

  func paint(_ probe: Probe, into sample: inout VoxelPaint) {
    let p = probe.foldedNeck
    guard bounds.contains(p) else { return }
    paintCanal(p, into: &sample)
    if p.z < -60, p.z > -170 { paintDiscs(p, into: &sample) }
    let (bone, number) = distance(probe)
    guard bone < sample.edge else { return }
    let grain = noise.value(probe.point, size: 4.5, channel: 2)
    let spread = noise.value(probe.point, size: 15, channel: 3)
    let inside = sample.coverage(1.2 + bone)
    let value = mix(
      shape.bone.cortical * 0.75 * (1 + 0.08 * grain),
      (0.75 * shape.bone.cancellous + 90) * (1 + 0.3 * grain + 0.3 * spread), inside)
    sample.cover(bone, value, .vertebra(number))
  }

  private func paintCanal(_ p: Point, into sample: inout VoxelPaint) {
    let middle = mix(-24, -22, smoothStep(-60, -40, p.z))
    let wall = max(ellipseDistance(p.x, p.y - middle, 11, 8), p.z + 20)
    guard wall < sample.edge else { return }
    sample.cover(wall, Tissue.liquor, .spinalCanal)
    sample.tint(
      max(ellipseDistance(p.x, p.y - middle, 6.2, 4.4), p.z + 20), Tissue.cord,
      .spinalCord)
  }

  private func paintDiscs(_ p: Point, into sample: inout VoxelPaint) {
    let column = max(ellipseDistance(p.x, p.y + 5, 8.5, 7.5), p.z + 60)
    sample.cover(column, Tissue.disc, .discs)
  }
}
