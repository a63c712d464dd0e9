/// The bones of the mid-face and of the skull's underside: maxilla with palate and alveolar ridge,
/// cheek bones and arches, orbital walls, nasal bones, sphenoid, pterygoid plates, mastoid.
struct Face: Sendable {
  private let orbit: Orbit
  private let shape: HeadShape
  private let noise: Noise
  private let bounds = Bounds(Point(-5, -42, -50), Point(75, 125, 62))
  private let supraorbital: Tube
  private let lateralRim = Tube([
    (Point(51.5, 74, 24), 3.6), (Point(52, 70, 12), 3.8), (Point(50.5, 70, 0), 5.2),
    (Point(46, 70, -9), 7.2),
  ])
  private let infraorbital = Tube([
    (Point(46, 73, -6), 4.2), (Point(33, 79, -5), 3), (Point(21, 83.5, -1), 2.8),
    (Point(14, 87, 12), 2.6),
    (Point(9, 91, 26), 3),
  ])
  private let arch = Tube([
    (Point(46, 71, -9), 6.5), (Point(56, 58, -9), 4), (Point(61.5, 44, -7), 3),
    (Point(64, 30, -5), 2.6), (Point(63, 17, -1), 3), (Point(58, 5, 4), 4),
  ])
  private let nasal: Capsule
  private let ridgeLoss: Float
  private let spine = Capsule(Point(0, 88, -24), Point(0, 94, -23), 3, 1.5)
  private let sphenoid = Ellipsoid(Point(0, 27, 6), Point(17, 19, 13))
  private let clivus = Capsule(Point(0, 15, 8), Point(0, 4, -22), 9, 4.5)
  private let clivusSide = Capsule(Point(6, 14, 4), Point(6, 4, -22), 6, 4)
  private let pterygoidOuter = Polygon([
    SIMD2(29, 4), SIMD2(42, 2), SIMD2(40, -28), SIMD2(33, -30),
  ])
  private let mastoidBody = Ellipsoid(Point(52, -18, -8), Point(12, 15, 17))
  private let mastoidTip = Capsule(Point(54, -16, -12), Point(52, -11, -30), 9, 5)
  private let lesserWing = Tube([
    (Point(9, 27, 21.5), 1.8), (Point(12, 34, 22), 2.4), (Point(24, 38, 25), 1.7),
    (Point(42, 44, 27), 1.6),
  ])
  private let dorsum = RoundedBox(Point(0, 11.5, 14), Point(8, 2.2, 7), 1.8)
  private let greaterWing = Capsule(Point(27, 50, 6), Point(48, 62, 12), 2, 4)
  /// The slope in front of the joint's fossa.
  private let eminence = Capsule(Point(41, 27, -2), Point(61, 26, -3), 4, 3.4)
  private let styloid = Capsule(Point(44, -1, -12), Point(38, 6, -38), 2.2, 1.2)
  private let tympanic = Capsule(Point(64, 0, 1), Point(42, 0, 1), 6, 7)

  init(shape: HeadShape, orbit: Orbit, noise: Noise) {
    self.shape = shape
    self.orbit = orbit
    self.noise = noise
    ridgeLoss = 8 * (1 - shape.dentition.ridge(upper: true))
    // The brow follows the forehead, or it would stand off as a bar.
    let brow = 0.7 * shape.forehead - 2.5
    supraorbital = Tube([
      (Point(0, 90 + brow, 36), 6), (Point(14, 91 + brow, 36), 4.8),
      (Point(32, 88 + 0.7 * brow, 38), 4.2), (Point(45, 81 + 0.3 * brow, 34), 4),
      (Point(51.5, 74, 24), 4),
    ])
    let nose = shape.noseLength
    nasal = Capsule(Point(3, 91, 34), Point(4, 94 + 10 * nose, 13), 3.4, 1.8)
  }

  /// The point, displaced at random: no two maxillae have flat or equal walls.
  @inline(__always) static func uneven(_ probe: ArticulatedPoint, _ noise: Noise) -> Point {
    probe.folded
      + Point(
        2.4 * noise.value(probe.point, size: 19, channel: 31),
        4.5 * noise.value(probe.point, size: 23, channel: 30), 0)
  }

  /// The block of the maxilla, which the maxillary sinus hollows out.
  static func maxilla(_ folded: Point) -> Float {
    let round = Ellipsoid(Point(0, 57, -8), Point(46, 34, 26)).distance(folded)
    // The canine fossa hollows the front under the orbit.
    let fossa = Ellipsoid(Point(26, 97, -13), Point(14, 17, 14)).distance(folded)
    let body = smoothIntersection(round, -fossa, 6)
    return smoothIntersection(
      body,
      max(
        max(41 + 0.2 * folded.x - 0.15 * folded.z - folded.y, folded.z - 6),
        maxillaryFloor(folded) - 2 - folded.z), 5)
  }

  /// The height of the floor of the maxillary sinus: lowest over the first molar.
  @inline(__always) static func maxillaryFloor(_ folded: Point) -> Float {
    let ahead = clamp(folded.y - 60, -25, 30)
    return -25 + 0.006 * ahead * ahead
  }

  /// The hard palate: a plate within the horseshoe.
  @inline(__always) private func palate(_ p: Point) -> Float {
    // Arched from side to side, thin behind.
    let arch = shape.palateArch * (1 - p.x * p.x * (1 / 730)) - 0.5 * shape.palateArch
    let half = 0.75 + 0.75 * smoothStep(45, 80, p.y)
    let plate = max(abs(p.z + 25.5 - max(arch, -4)) - half, 40 - p.y)
    return smoothIntersection(ellipseDistance(p.x, p.y - 38, 27, 47), plate, 2)
  }

  /// The ridge that carries the upper teeth: a horseshoe below the palate, its top uneven.
  @inline(__always) private func alveolar(_ probe: ArticulatedPoint) -> Float {
    let p = probe.folded
    let across = abs(ellipseDistance(p.x, p.y - 38, 28.5, 48)) - 5.2
    let top =
      p.z + 24 - 0.1 * (p.y - 60) + 2.2 * noise.value(probe.point, size: 13, channel: 34)
    return smoothIntersection(
      across, max(max(-39.5 + ridgeLoss - p.z, top), 37 - p.y), 5)
  }

  /// The distance to the bones together.
  func distance(_ probe: ArticulatedPoint) -> Float {
    let p = probe.folded
    guard bounds.contains(p) else { return .infinity }
    var d = Float.infinity
    // Thinner bone is so where there is much of it: sheets are spared, rods lose a third of what blocks do.
    let thinning = shape.bone.thinning(at: p)
    let spared = 0.65 * thinning
    if p.y > 25 {
      // The lateral wall is strong, roof and floor are thin, the medial wall is the ethmoid's.
      let lateral = p.x - (13 + 0.6 * (p.y - 47))
      let wall = 0.8 + 1.9 * smoothStep(1, 10, lateral) + spared
      let walls = smoothIntersection(orbit.distance(p) - wall, p.y - 91 + 0.4 * p.x, 3)
      d = smoothUnion(min(supraorbital.distance(p), lateralRim.distance(p)) - spared, walls, 5)
      d = smoothUnion(
        d,
        smoothUnion(Self.maxilla(Self.uneven(probe, noise)), infraorbital.distance(p) - spared, 5),
        4)
      d = smoothUnion(d, nasal.distance(p) - thinning, 3)
      if p.z < -10 {
        d = smoothUnion(d, min(alveolar(probe), palate(p) - thinning), 3)
        d = min(d, spine.distance(p) - thinning)
      }
    }
    d = smoothUnion(d, arch.distance(p) - spared, 4)
    if p.x > 30, p.y > 15, p.y < 40 { d = smoothUnion(d, eminence.distance(p), 4) }
    if p.z > 0, p.y > 5, p.y < 75 {
      d = smoothUnion(d, min(lesserWing.distance(p), greaterWing.distance(p)) - thinning, 2)
      d = min(d, dorsum.distance(p) - spared)
    }
    if p.x < 30, p.y < 50 {
      d = smoothUnion(d, sphenoid.distance(p), 4)
      d = smoothUnion(d, min(clivus.distance(p), clivusSide.distance(p)) - thinning, 6)
      let flank = pterygoidOuter.distance(SIMD2(p.y, p.z))
      let sheet = max(flank, abs(p.x - 14 + 0.22 * (p.z + 4)) - 1)
      let inner = max(flank - 1, abs(p.x - 13) - 0.9)
      d = smoothUnion(d, min(sheet, inner) - thinning, 2)
    }
    if p.y < 20, p.x > 30 {
      let mastoid = smoothUnion(mastoidBody.distance(p), mastoidTip.distance(p), 6)
      d = smoothUnion(d, min(mastoid, tympanic.distance(p)), 5)
      d = min(d, styloid.distance(p) - spared)
    }
    guard d < 6 else { return d }
    return d + 0.8 * noise.value(probe.point, size: 7, channel: 28)
      + 0.8 * noise.value(probe.point, size: 15, channel: 29) + thinning
  }

  func paint(_ probe: ArticulatedPoint, mandible: Float, into sample: inout VoxelPaint) {
    let bones = max(max(distance(probe), 1.5 - mandible), probe.skin + VoxelPaint.leastCover)
    guard bones < sample.edge else { return }
    let grain = noise.value(probe.point, size: 5, channel: 2)
    let inside = sample.coverage(shape.bone.tableThickness * 0.9 + bones)
    let spread = 1 + 0.3 * grain + 0.4 * noise.value(probe.point, size: 17, channel: 3)
    // Denser about the roots of the teeth.
    let ridge = smoothStep(-22, -27, probe.folded.z) * smoothStep(34, 40, probe.folded.y)
    let spongy = shape.bone.spongyShare * (shape.bone.cancellous * (1 + 0.1 * ridge) + 220 * ridge)
    let value = mix(shape.bone.cortical * 0.9 * (1 + 0.06 * grain), spongy * spread, inside)
    sample.cover(bones, value, bones < 0 ? part(probe) : .frontalBone)
  }

  /// The bone of the skull that a place of the face is in.
  @inline(__always) private func part(_ probe: ArticulatedPoint) -> HeadStructure {
    let p = probe.folded
    if p.y < 22 {
      return p.x > 30 ? .temporalBone.on(probe.side) : p.z > -2 ? .sphenoidBone : .occipitalBone
    }
    if p.y < 62, arch.distance(p) < 2 { return .zygoma.on(probe.side) }
    if p.z > 27, p.y > 58 { return p.x < 8 && p.z < 32 ? .nasalBones : .frontalBone }
    if p.y < 50, p.x < 34 { return .sphenoidBone }
    if nasal.distance(p) < 1.5, p.z > 4 { return .nasalBones }
    if p.x > 40 { return .zygoma.on(probe.side) }
    if p.z > 16, p.y < 62 { return .sphenoidBone }
    if palate(p) < 0.5 { return .hardPalate }
    return .maxilla.on(probe.side)
  }
}
