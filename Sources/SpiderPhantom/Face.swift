import SpiderCore

/// The bones of the mid-face and of the skull's underside: maxilla with palate and alveolar ridge,
/// cheek bones and arches, orbital walls, nasal bones, sphenoid, pterygoid plates, mastoid.
struct Face: Sendable {
  private let orbit: Orbit
  private let shape: HeadShape
  private let noise: Noise
  private let bounds = Bounds(Point(-5, -42, -50), Point(75, 125, 62))
  private let supraorbital: Tube
  private let lateralRim = Tube([
    (Point(51.5, 74, 24), 4), (Point(52, 71, 12), 3.6), (Point(50, 72, 0), 5),
    (Point(45, 73, -8), 7),
  ])
  private let infraorbital = Tube([
    (Point(45, 76, -5), 4), (Point(33, 83, -5), 3), (Point(20, 87, -1), 3),
    (Point(14, 90, 12), 2.8),
    (Point(9, 93, 26), 3),
  ])
  private let arch = Tube([
    (Point(46, 71, -9), 6.5), (Point(56, 58, -9), 4), (Point(61.5, 44, -7), 3),
    (Point(64, 30, -5), 2.6), (Point(63, 17, -1), 3), (Point(58, 5, 4), 4),
  ])
  private let nasal: Capsule
  private let spine = Capsule(Point(0, 88, -24), Point(0, 94, -23), 3, 1.5)
  private let sphenoid = Ellipsoid(Point(0, 27, 6), Point(17, 19, 13))
  private let clivus = Capsule(Point(0, 15, 8), Point(0, 4, -22), 9, 4.5)
  private let clivusSide = Capsule(Point(6, 14, 4), Point(6, 4, -22), 6, 4)
  private let pterygoidOuter = Polygon([
    SIMD2(29, 4), SIMD2(42, 2), SIMD2(40, -28), SIMD2(33, -30),
  ])
  private let mastoidBody = Ellipsoid(Point(52, -18, -8), Point(12, 15, 17))
  private let mastoidTip = Capsule(Point(54, -16, -12), Point(52, -11, -30), 9, 5)
  private let styloid = Capsule(Point(44, -1, -12), Point(38, 6, -38), 2.2, 1.2)
  private let tympanic = Capsule(Point(64, 0, 1), Point(42, 0, 1), 6, 7)

  init(shape: HeadShape, orbit: Orbit, noise: Noise) {
    self.shape = shape
    self.orbit = orbit
    self.noise = noise
    // The brow follows the forehead, or it would stand off as a bar.
    let brow = 0.7 * shape.forehead - 2.5
    supraorbital = Tube([
      (Point(0, 90 + brow, 36), 6.5), (Point(14, 91 + brow, 36), 5.5),
      (Point(32, 88 + 0.7 * brow, 38.5), 5), (Point(45, 81 + 0.3 * brow, 34), 4.5),
      (Point(51.5, 74, 24), 4.5),
    ])
    let nose = shape.noseLength
    nasal = Capsule(Point(3, 91, 34), Point(4, 94 + 10 * nose, 13), 3.4, 1.8)
  }

  /// The block of the maxilla, which the maxillary sinus hollows out.
  static func maxilla(_ folded: Point) -> Float {
    let block = Ellipsoid(Point(0, 58, -8), Point(46, 34, 26)).distance(folded)
    return smoothIntersection(
      block,
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
    let plate = max(abs(p.z + 24) - 1.7, 40 - p.y)
    return smoothIntersection(ellipseDistance(p.x, p.y - 38, 27, 47), plate, 2)
  }

  /// The ridge that carries the upper teeth: a horseshoe below the palate.
  @inline(__always) private func alveolar(_ p: Point) -> Float {
    let across = abs(ellipseDistance(p.x, p.y - 38, 28.5, 48)) - 5.2
    return smoothIntersection(
      across, max(abs(p.z + 31) - 8.5, 36 - p.y), 3)
  }

  /// The distance to the bones together.
  func distance(_ probe: Probe) -> Float {
    let p = probe.folded
    guard bounds.contains(p) else { return .infinity }
    var d = Float.infinity
    if p.y > 25 {
      let walls = smoothIntersection(
        orbit.distance(p) - 2.6, p.y - 91 + 0.4 * p.x, 3)
      d = smoothUnion(min(supraorbital.distance(p), lateralRim.distance(p)), walls, 5)
      d = smoothUnion(d, smoothUnion(Self.maxilla(p), infraorbital.distance(p), 5), 4)
      d = smoothUnion(d, nasal.distance(p), 3)
      if p.z < -10 {
        d = smoothUnion(d, min(alveolar(p), palate(p)), 3)
        d = min(d, spine.distance(p))
      }
    }
    d = smoothUnion(d, arch.distance(p), 4)
    if p.x < 30, p.y < 50 {
      d = smoothUnion(d, sphenoid.distance(p), 4)
      d = smoothUnion(d, min(clivus.distance(p), clivusSide.distance(p)), 6)
      let flank = pterygoidOuter.distance(SIMD2(p.y, p.z))
      let sheet = max(flank, abs(p.x - 14 + 0.1 * p.z) - 1.3)
      let inner = max(flank - 1, abs(p.x - 13) - 1.2)
      d = smoothUnion(d, min(sheet, inner), 2)
    }
    if p.y < 20, p.x > 30 {
      let mastoid = smoothUnion(mastoidBody.distance(p), mastoidTip.distance(p), 6)
      d = smoothUnion(d, min(mastoid, tympanic.distance(p)), 5)
      d = min(d, styloid.distance(p))
    }
    return d
  }

  func paint(_ probe: Probe, mandible: Float, into sample: inout Sample) {
    let bones = max(max(distance(probe), 1.5 - mandible), probe.skin + Sample.leastCover)
    guard bones < sample.edge else { return }
    let grain = noise.value(probe.point, size: 5, channel: 2)
    let inside = sample.coverage(shape.tableThickness * 0.9 + bones)
    let value = mix(
      shape.cortical * 0.9 * (1 + 0.06 * grain), shape.cancellous * (1 + 0.3 * grain), inside)
    sample.cover(bones, value, HeadLabel.skull)
  }
}
