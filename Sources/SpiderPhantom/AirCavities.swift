/// Air: nose, paranasal sinuses, mastoid cells, ear canals, throat and windpipe, with the soft parts
/// that lie in them.
struct AirCavities: Sendable {
  private let shape: HeadShape
  private let noise: Noise
  private let orbit: Orbit
  private let braincase: Braincase
  private let nose: NasalCavity
  private let throat: Throat
  private let canal = Capsule(Point(78, -3, 0), Point(47, -1, 2), 2.8)
  private let drum = Ellipsoid(Point(44, -1, 3), Point(4, 4, 7))
  private let bounds = Bounds(Point(-5, -45, -140), Point(85, 125, 75))

  init(shape: HeadShape, orbit: Orbit, braincase: Braincase, noise: Noise) {
    self.shape = shape
    self.noise = noise
    self.orbit = orbit
    self.braincase = braincase
    nose = NasalCavity(shape: shape, orbit: orbit, noise: noise)
    throat = Throat(shape: shape)
  }

  func paint(_ probe: ArticulatedPoint, into sample: inout VoxelPaint) {
    let p = probe.folded
    guard bounds.contains(p), probe.skin < sample.edge else { return }
    if p.y > 15, p.z > -40 {
      paintSinuses(probe, into: &sample)
      if p.y > 34 { nose.paint(probe, into: &sample) }
    } else if p.y < 15, p.x > 30 {
      paintEar(probe, into: &sample)
    }
    if p.z < 5 { throat.paint(probe, into: &sample) }
  }

  private func air(
    _ distance: Float, _ cavity: HeadStructure, _ probe: ArticulatedPoint,
    into sample: inout VoxelPaint
  ) {
    // Never through the skin from inside, nor outside the body.
    sample.cover(max(distance, probe.skin + 1), Tissue.air, cavity)
  }

  private func paintSinuses(_ probe: ArticulatedPoint, into sample: inout VoxelPaint) {
    let p = probe.folded
    let side = probe.side
    guard p.x < 50 else { return }
    let bumps = 2 * noise.value(probe.point, size: 12, channel: 10)
    if p.z > 20, p.y > 60 {
      let size = shape.frontalSinus[side]
      let lobe = Ellipsoid(
        Point(4 + 8 * size, 86, 36 + 6 * size), Point(9 * size + 4, 9, 11 * size + 3))
      let inner = probe.vault + braincase.thickness(p, texture: 0)
      let wall = max(probe.vault + 2, 1.8 - inner)
      let septum = 0.6 - p.x + 0.6 * noise.value(probe.point, size: 9, channel: 25)
      let sinus = max(
        smoothIntersection(lobe.distance(p) + 1.6 * bumps, wall, 2), septum)
      air(sinus, .frontalSinus.on(side), probe, into: &sample)
    }
    if p.z < 12, p.y > 34 { paintMaxillarySinus(probe, bumps: bumps, into: &sample) }
    if p.y < 50, p.x < 26 {
      let size = shape.sphenoidSinus[side]
      let sinus = Ellipsoid(
        Point(8 * size, 29, 6), Point(7.6 * size, 13 * size, 9 * size))
      air(
        max(sinus.distance(p) + 1.2 * bumps, 0.5 - p.x), .sphenoidSinus.on(side), probe,
        into: &sample)
    }
  }

  private func paintMaxillarySinus(
    _ probe: ArticulatedPoint, bumps: Float, into sample: inout VoxelPaint
  ) {
    let p = probe.folded
    let size = shape.maxillarySinus[probe.side]
    let walls = max(
      max(max(13, NasalCavity.width(p.z) + 0.9) - p.x, 0.9 - orbit.distance(p)),
      Face.maxillaryFloor(p) - p.z)
    let sinus =
      smoothIntersection(
        Face.maxilla(Face.uneven(probe, noise)) + 1.1, walls, 5) + 0.25 * bumps
    let hollow = sinus + (1 - size) * 16
    sample.cover(max(hollow, probe.skin + 1), Tissue.mucosa, .sinusMucosa)
    let lining = 0.9 + max(0, 1.2 * bumps - shape.clearSinuses)
    air(hollow + lining, .maxillarySinus.on(probe.side), probe, into: &sample)
  }

  private func paintEar(_ probe: ArticulatedPoint, into sample: inout VoxelPaint) {
    let p = probe.folded
    let size = shape.mastoid[probe.side]
    let cells = Ellipsoid(Point(53, -18, -5), Point(11, 15, 18) * size)
    let edge = cells.distance(p) + 4.5 * noise.value(probe.point, size: 13, channel: 26)
    if edge < sample.edge {
      let wall = noise.cellWall(probe.point, size: 6.5)
      let thickness = 0.75 + 0.8 * noise.value(probe.point, size: 11, channel: 27)
      // Behind the scalp and a wall of bone.
      let cell = max(max(edge, thickness - wall), probe.skin + 5)
      air(cell, .mastoidCells.on(probe.side), probe, into: &sample)
    }
    sample.cover(
      max(min(canal.distance(p), drum.distance(p)), probe.skin), Tissue.air,
      .earCanal.on(probe.side))
  }
}

/// The airway from the back of the nose to the windpipe, with mouth, tongue, soft palate and larynx.
struct Throat: Sendable {
  private let shape: HeadShape
  /// Height, middle (front-back) and half-widths of the airway, from above downwards.
  private static let sections: [SIMD4<Float>] = [
    SIMD4(-2, 31, 11, 9), SIMD4(-12, 29, 14, 11), SIMD4(-26, 24, 14, 8), SIMD4(-40, 20, 12, 6),
    SIMD4(-56, 19, 13, 7), SIMD4(-72, 19, 14, 7), SIMD4(-86, 23, 10, 8), SIMD4(-98, 26, 5, 9),
    SIMD4(-106, 26, 8, 9), SIMD4(-125, 24, 9, 9), SIMD4(-160, 20, 9, 9),
  ]
  private let mouth: Ellipsoid
  private let tongue: Ellipsoid
  private let softPalate = Capsule(Point(0, 44, -26), Point(0, 27, -46), 4, 4.5)
  private let epiglottis = Capsule(Point(0, 32, -78), Point(0, 24, -60), 2, 1.5)
  private let hyoid = Tube([
    (Point(0, 42, -82), 3.4), (Point(14, 36, -81), 2.8), (Point(22, 18, -77), 1.8),
  ])
  private let thyroid = Tube([(Point(0, 44, -98), 2), (Point(18, 22, -96), 2)])

  init(shape: HeadShape) {
    self.shape = shape
    let drop = 30 * shape.jawOpening
    let air = 0.5 + 0.5 * shape.mouthAir
    mouth = Ellipsoid(
      Point(0, 56, -37 - 0.5 * drop), Point(23 * air, 35 * air, 11 * air + 0.6 * drop))
    tongue = Ellipsoid(Point(0, 50, -52 - 0.5 * drop + shape.tongueHeight / 3), Point(21, 33, 23))
  }

  func paint(_ probe: ArticulatedPoint, into sample: inout VoxelPaint) {
    let p = probe.folded
    let q = probe.foldedNeck
    if p.y > 10, p.z > -100 {
      let open = max(mouth.distance(p), p.z + 27.5)
      sample.cover(max(open, probe.skin + 1), Tissue.air, .mouth)
      sample.cover(tongue.distance(p), Tissue.tongue, .tongue)
    }
    guard q.x < 30, q.y > 0, q.y < 55 else { return }
    sample.cover(airway(q), Tissue.air, q.z > -92 ? .pharynx : .trachea)
    sample.cover(
      softPalate.distance(Point(q.x * 0.4, p.y, p.z)), Tissue.mucosa, .softPalate)
    sample.cover(epiglottis.distance(Point(q.x * 0.3, q.y, q.z)), Tissue.mucosa, .epiglottis)
    // Hyoid and calcified cartilage are bone to look at, but belong to none of the bone classes.
    sample.cover(hyoid.distance(q), 600, .hyoid)
    if q.z < -84, q.z > -112 {
      let wing = thyroid.distance(Point(q.x, q.y, max(q.z, -96 + 0)))
      sample.tint(max(wing, abs(q.z + 97) - 12), 160, .thyroidCartilage)
    }
  }

  /// The distance to the airway: an ellipse whose place and size change with height.
  @inline(__always) private func airway(_ q: Point) -> Float {
    let sections = Self.sections
    guard q.z < sections[0].x + 6 else { return .infinity }
    var index = 0
    while index < sections.count - 2, q.z < sections[index + 1].x { index += 1 }
    let (a, b) = (sections[index], sections[index + 1])
    let t = clamp((q.z - a.x) / (b.x - a.x), 0, 1)
    let s = a + (b - a) * t
    let across = ellipseDistance(q.x, q.y - s.y, s.z, s.w)
    return smoothIntersection(across, q.z - sections[0].x, 6)
  }
}
