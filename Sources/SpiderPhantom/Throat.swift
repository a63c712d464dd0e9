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

  func paint(_ probe: Probe, into sample: inout VoxelPaint) {
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
