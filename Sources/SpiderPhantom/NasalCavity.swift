/// The nose within: the cavity behind the pyriform aperture with septum and conchae, the vestibules, and
/// the ethmoid labyrinth between the orbits.
struct NasalCavity: Sendable {
  private let noise: Noise
  private let orbit: Orbit
  private let vestibule: Capsule
  private let bridge: Capsule
  private let deviation: Float
  private let swelling: Float
  private let labyrinth = RoundedBox(Point(0, 67, 17), Point(13, 21, 11), 6)
  private let lowerConcha = Tube([
    (Point(8, 48, -13), 3), (Point(11, 60, -10), 4.4), (Point(10.5, 74, -8), 4.4),
    (Point(7.5, 88, -14), 2.6),
  ])
  private let middleConcha = Tube([
    (Point(7.5, 49, -1), 2.6), (Point(7.5, 64, 3.5), 3.6), (Point(6.5, 80, 8), 2.6),
  ])
  private let upperConcha = Capsule(Point(6, 48, 11), Point(5.5, 60, 16), 1.8)

  init(shape: HeadShape, orbit: Orbit, noise: Noise) {
    self.noise = noise
    self.orbit = orbit
    deviation = shape.septum
    swelling = shape.swelling
    let nose = shape.noseLength
    bridge = Capsule(Point(4, 88, 16), Point(5, 92 + 9 * nose, -10), 1.8, 3.8)
    vestibule = Capsule(Point(6, 90, -14), Point(6.5, 94 + 9 * nose, -18.5), 3.6, 4.2)
  }

  /// Half the width of the nasal cavity: wide at the floor, a slit under the roof.
  @inline(__always) static func width(_ z: Float) -> Float {
    mix(14, 3.2, smoothStep(-8, 22, z))
  }

  /// The thickness of the nose's wall in front of the cavity, mm.
  private static let wall: Float = 2.5

  /// The distance to the cavity on one side, the vestibule left out.
  ///
  /// From the side it is a trapezium: floor along the palate, roof rising under the nasal bones,
  /// level along the cribriform plate, falling along the front of the sphenoid. Seen from above its
  /// front recedes to the sides, as the rims of the pyriform aperture do.
  @inline(__always) private func chamber(_ p: Point) -> Float {
    let front = 0.928 * (p.y - 87) + 0.371 * (p.z - 25)
    let sphenoid = -0.858 * (p.y - 52) + 0.515 * (p.z - 26)
    let ends = max(
      max(max(front, p.y - 95 + 0.5 * p.x), max(sphenoid, 38 - p.y)), max(-21.5 - p.z, p.z - 26.5))
    return smoothIntersection(p.x - Self.width(p.z), ends, 5)
  }

  func paint(_ probe: ArticulatedPoint, into sample: inout VoxelPaint) {
    let p = probe.folded
    guard p.x < 18, p.z < 34, p.z > -34 else { return }
    paintLabyrinth(probe, into: &sample)
    let uneven = 0.7 * noise.value(probe.point, size: 8, channel: 23)
    let inner = max(min(chamber(p) + uneven, bridge.distance(p)), probe.skin + Self.wall)
    // The vestibule alone reaches the open, in the nostril.
    let open = smoothUnion(inner, vestibule.distance(p), 3)
    guard open < sample.edge else { return }
    sample.tint(max(open, probe.skin - sample.edge / 2), Tissue.air)
    let cavity = max(open, probe.skin)
    sample.cover(cavity, Tissue.air, .nasalCavity)
    // Each concha sways on its way back.
    let way = Point(Float(probe.side) * 60, p.y, 7)
    let swayed =
      p
      + Point(
        1.6 * noise.value(way, size: 13, channel: 32), 0,
        2.6 * noise.value(way, size: 16, channel: 33))
    let conchae = min(
      lowerConcha.distance(swayed),
      min(middleConcha.distance(swayed), upperConcha.distance(swayed)))
    let swollen = conchae + 1.3 * noise.value(probe.point, size: 6, channel: 14) - swelling
    // Kept inside the cavity, so that a label never depends on how wide an edge is.
    sample.cover(max(swollen, cavity), Tissue.mucosa, .conchae)
    sample.tint(max(swollen + 2.9, cavity), 300)
    let bony = smoothStep(88, 78, p.y)
    let bend =
      deviation * bell((p.y - 68) / 24) * bell((p.z - 4) / 24)
      + 1.4 * noise.value(probe.point, size: 22, channel: 15)
    sample.coverSheet(
      probe.point.x - bend, thickness: 2.2, within: max(cavity, 42 - p.y),
      mix(Tissue.cartilage, 420, bony), bony > 0.5 ? .nasalSeptum : .nasalCartilage)
  }

  /// The ethmoid: a honeycomb of thin bone filled with air.
  private func paintLabyrinth(_ probe: ArticulatedPoint, into sample: inout VoxelPaint) {
    let p = probe.folded
    let outline = labyrinth.distance(p) + 1.5 * noise.value(probe.point, size: 10, channel: 24)
    // A paper-thin plate towards the orbit.
    let block = max(outline, 0.2 - orbit.distance(p))
    guard block < sample.edge, p.x > NasalCavity.width(p.z) - 3 else { return }
    sample.cover(max(block, probe.skin + VoxelPaint.leastCover), 480, .ethmoidBone)
    let wall = noise.cellWall(probe.point, size: 7.5)
    sample.cover(
      max(max(block + 0.7, 0.3 - wall), probe.skin + 1), Tissue.air, .ethmoidCells)
  }
}
