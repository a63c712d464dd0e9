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
        Vertebra(spine: spine, slope: jitter(0.11), size: (0.97 + jitter(0.06)) * shape.vertebrae)
      )
    }
  }

  /// The distance to the nearest vertebra, and which one it is.
  func distance(_ probe: ArticulatedPoint) -> (bone: Float, number: Int) {
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

  func paint(_ probe: ArticulatedPoint, into sample: inout VoxelPaint) {
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

/// A lower neck vertebra (C3 to C7) about the middle of its body, right half.
struct Vertebra: Sendable {
  /// Turn in the sagittal plane as a slope, and size against the nominal one.
  let slope: Float
  let size: Float
  private let process: Capsule
  private let pillar = Capsule(Point(20, -10, 6), Point(20.5, -14, -8), 5.6)
  private let pedicle = Capsule(Point(8, -3, 1), Point(19, -10, 0), 3)
  private let lamina = Capsule(Point(19, -15, -1), Point(3, -28, -4), 2.6, 2.4)
  private let transverse = Capsule(Point(12, 2, -1), Point(25, -3, -4), 2.6, 2.8)
  private let foramen = Capsule(Point(16.5, -2, 8), Point(16.5, -2, -9), 2.8)
  private let uncus = Capsule(Point(9, -3, 5), Point(10, -5, 8), 2.4, 1.6)

  /// - Parameters:
  ///   - spine: Length of the spinous process against that of C3.
  ///   - slope: Turn in the sagittal plane, as a slope.
  init(spine: Float, slope: Float, size: Float) {
    self.slope = slope
    self.size = size
    // A plate, higher than thick: drawn as a rod in a frame squeezed along z.
    process = Capsule(
      Point(0, -28, -3), Point(0.8, -29 - 13 * spine, -6 - 2.5 * spine), 2.2, 2.8)
  }

  @inline(__always) func distance(_ point: Point) -> Float {
    let q = Point(point.x, point.y + slope * point.z, point.z - slope * point.y) * (1 / size)
    let waist = 0.9 * bell(q.z / 6)
    let round = ellipseDistance(q.x, q.y, 10.5 - waist, 8.2 - 0.6 * waist)
    // The end plates are hollowed and slope forwards; the lower front edge hangs down.
    let ends = abs(q.z + 0.14 * q.y) - 6.6 + 0.9 * bell(q.x / 8) * bell(q.y / 8)
    var d = smoothIntersection(round, ends, 2)
    d = min(d, uncus.distance(q))
    d = smoothUnion(d, min(pedicle.distance(q), transverse.distance(q)), 2)
    d = smoothUnion(d, min(pillar.distance(q), lamina.distance(q)), 3)
    d = smoothUnion(d, process.distance(Point(q.x, q.y, q.z * 0.62 - 1.2)), 2)
    return max(d, -foramen.distance(q)) * size
  }
}

/// The first vertebra: a ring with two lateral masses under the condyles of the skull.
struct Atlas: Sendable {
  private let mass = Ellipsoid(Point(21, -9, -37.5), Point(8, 9.5, 7.5))
  private let front = Tube([
    (Point(0, 6.5, -37), 3.4), (Point(10, 3, -37), 3), (Point(20, -4, -37), 3.6),
  ])
  private let back = Tube([
    (Point(21, -14, -37), 3.6), (Point(17, -29, -37.5), 2.4), (Point(8, -38, -39), 2.6),
    (Point(0, -40.5, -40), 3.6),
  ])
  private let transverse = Capsule(Point(24, -9, -38), Point(38, -12, -39), 4, 3.6)
  private let foramen = Capsule(Point(31, -9, -30), Point(31, -10, -46), 2.4)

  @inline(__always) func distance(_ p: Point) -> Float {
    let ring = smoothUnion(front.distance(p), back.distance(p), 2)
    let whole = smoothUnion(smoothUnion(ring, mass.distance(p), 3), transverse.distance(p), 3)
    return max(whole, -foramen.distance(p))
  }
}

/// The second vertebra: its body carries the dens, its spinous process is the largest of the upper neck.
struct Axis: Sendable {
  private let dens = Tube([
    (Point(0, -2.5, -30.5), 4), (Point(0, -3.5, -36), 4.9), (Point(0, -4.5, -44), 4.2),
    (Point(0, -5, -52), 6),
  ])
  private let body = RoundedBox(Point(0, -5, -55.5), Point(10, 7.6, 8.5), 3)
  private let facet = Capsule(Point(17, -8, -48), Point(20, -14, -63), 6.2, 5.4)
  private let pedicle = Capsule(Point(8, -6, -52), Point(18, -10, -52), 4.4)
  private let lamina = Capsule(Point(19, -15, -56), Point(3, -31, -57), 3.2, 3.4)
  private let process = Capsule(Point(0, -31, -33.5), Point(3.2, -46, -37), 3, 3.8)

  @inline(__always) func distance(_ p: Point) -> Float {
    var d = smoothUnion(dens.distance(p), body.distance(p), 3)
    d = smoothUnion(d, min(pedicle.distance(p), facet.distance(p)), 3)
    d = smoothUnion(d, lamina.distance(p), 3)
    return smoothUnion(d, process.distance(Point(p.x, p.y, p.z * 0.6)), 3)
  }
}
