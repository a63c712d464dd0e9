/// The lower jaw: body with chin, rami, coronoid processes and condyles, in the frame of the closed jaw.
struct Mandible: Sendable {
  private let shape: HeadShape
  private let noise: Noise
  private let bounds = Bounds(Point(-3, -2, -96), Point(64, 98, 12))
  /// The body's course on the right: place, height of its middle, half height, half thickness.
  private static let course: [(place: SIMD2<Float>, middle: Float, half: SIMD2<Float>)] = [
    (SIMD2(0, 82), -71, SIMD2(7.0, 13.5)), (SIMD2(13, 78), -71, SIMD2(6, 13)),
    (SIMD2(22, 68), -69.5, SIMD2(5.8, 12.5)), (SIMD2(28.5, 55), -67.5, SIMD2(6, 12)),
    (SIMD2(36, 39), -63.5, SIMD2(6.5, 12)), (SIMD2(45, 20), -57, SIMD2(4.5, 11)),
  ]
  private let chin = Ellipsoid(Point(0, 84, -78), Point(15, 6.5, 7))
  private let ramus = Polygon([
    SIMD2(12, -60), SIMD2(20, -66), SIMD2(40, -66), SIMD2(46, -56), SIMD2(41, -36), SIMD2(43, -12),
    SIMD2(39, -3), SIMD2(33, -9), SIMD2(26, -17), SIMD2(18, -10), SIMD2(9, -9), SIMD2(8, -36),
  ])
  private let condyle = Ellipsoid(Point(49, 13, -3.5), Point(9.5, 4.6, 5.5))
  /// The canal of the nerve, from the inside of the ramus to the mental foramen.
  private let nerveCanal = Tube([
    (Point(43, 27, -32), 1.2), (Point(40, 34, -58), 1.2), (Point(31, 53, -71), 1.2),
    (Point(24, 66, -70), 1.2), (Point(29, 69, -66), 1.2),
  ])
  private let neck = Capsule(Point(48, 13.5, -6), Point(47.5, 14, -16), 4, 4)

  private let surgery: JawSurgery?
  private let jointSpace: JointSpace
  private let ridgeLoss: Float

  init(shape: HeadShape, surgery: JawSurgery?, jointSpace: JointSpace, noise: Noise) {
    self.shape = shape
    self.surgery = surgery
    self.jointSpace = jointSpace
    self.noise = noise
    ridgeLoss = 4.5 * (1 - shape.dentition.ridge(upper: false))
  }

  /// The distance to the bone; infinite far from it.
  func distance(_ probe: ArticulatedPoint) -> Float {
    distance(probe, at: jointSpace.raised(probe))
  }

  /// The same as far as the skull is concerned, which keeps clear of where the jaw usually is.
  @inline(__always) func distanceForSkull(_ probe: ArticulatedPoint, _ distance: Float) -> Float {
    let usual = jointSpace.drop(probe) > 0 ? self.distance(probe, at: probe.jaw) : distance
    return usual + jointSpace.approach(probe)
  }

  private func distance(_ probe: ArticulatedPoint, at p: Point) -> Float {
    guard bounds.contains(p) else { return .infinity }
    var d = min(condyle.distance(p), neck.distance(p))
    let plane =
      46.8 + 0.05 * (p.z + 30) - 0.24 * (p.y - 20) + shape.gonialFlare * smoothStep(-18, -62, p.z)
    let flat = ramus.distance(SIMD2(p.y, p.z))
    let thin = smoothIntersection(flat, abs(p.x - plane) - 4, 4)
    d = smoothUnion(d, thin, 4)
    if p.z < -40 { d = smoothUnion(smoothUnion(body(p), chin.distance(p), 6), d, 6) }
    if d < 6 {
      d +=
        0.6 * noise.value(probe.point, size: 7, channel: 28)
        + 0.8 * noise.value(probe.point, size: 15, channel: 29)
        * smoothStep(-12, -30, p.z)
    }
    // The coronoid process is all edge: thinned, it would be short.
    d += shape.bone.thinning(at: p) * smoothStep(-8, -30, p.z)
    if let surgery, surgery.side == probe.side { d = max(d, surgery.opening(probe.brokenJaw)) }
    return max(d, probe.skin + VoxelPaint.leastCover)
  }

  /// The body: an upright rounded section carried along the course.
  @inline(__always) private func body(_ p: Point) -> Float {
    let place = SIMD2(p.x, p.y)
    var best = (squared: Float.infinity, middle: Float(0), half: SIMD2<Float>(1, 1))
    for (a, b) in zip(Self.course, Self.course.dropFirst()) {
      let edge = b.place - a.place
      let q = place - a.place
      let t = clamp((q * edge).sum() / (edge * edge).sum(), 0, 1)
      let away = q - edge * t
      let squared = (away * away).sum()
      if squared < best.squared {
        best = (squared, mix(a.middle, b.middle, t), a.half + (b.half - a.half) * t)
      }
    }
    // Without teeth the ridge that carried them wastes.
    let loss = ridgeLoss * smoothStep(25, 40, p.y)
    best.middle -= loss
    best.half.y -= loss
    let radius: Float = 4
    // Stouter below, narrowing to the ridge that carries the teeth.
    let height = clamp((p.z - best.middle) / best.half.y, -1, 1)
    let u = best.squared.squareRoot() - (best.half.x * (1 - 0.16 * height) - radius)
    let v = abs(p.z - best.middle) - (best.half.y - radius)
    let outside = (max(u, 0) * max(u, 0) + max(v, 0) * max(v, 0)).squareRoot()
    return outside + min(max(u, v), 0) - radius
  }

  func paint(_ probe: ArticulatedPoint, distance: Float, into sample: inout VoxelPaint) {
    guard distance < sample.edge else { return }
    let grain = noise.value(probe.point, size: 5, channel: 2)
    // The lower border is thicker than the sides.
    let spread = noise.value(probe.point, size: 15, channel: 3)
    let cortex =
      (1.6 - 0.6 * shape.bone.thinning + 0.35 * shape.bone.tableThickness + 1.4
        * smoothStep(-66, -80, probe.jaw.z)
        + 1.6 * smoothStep(24, 8, probe.jaw.x))
      * (1 + 0.3 * spread)
    let inside = sample.coverage(cortex + distance)
    let value = mix(
      shape.bone.cortical * 1.05 * (1 + 0.05 * grain),
      (1.15 * shape.bone.cancellous + 180) * shape.bone.spongyShare
        * (1 + 0.25 * grain + 0.35 * spread), inside)
    sample.cover(distance, value, distance < 0 ? part(probe) : .mandibleBody)
    sample.tint(nerveCanal.distance(probe.jaw), Tissue.mucosa)
  }

  /// Paints the disc of the joint, which fills its space, and plates.
  func paintSurroundings(_ probe: ArticulatedPoint, distance: Float, into sample: inout VoxelPaint)
  {
    let p = probe.jaw
    guard distance < 4 + jointSpace.drop(probe), bounds.contains(p) else { return }
    if p.z > -8 {
      let reach = 2 - jointSpace.approach(probe)
      sample.tint(max(condyle.distance(p) - reach, -distance), 70, jointDisc(probe))
    }
    if let surgery, surgery.side == probe.side {
      surgery.paintPlate(probe.brokenJaw, bone: distance, into: &sample)
    }
  }

  @inline(__always) private func jointDisc(_ probe: ArticulatedPoint) -> HeadStructure {
    .jointDisc.on(probe.side)
  }

  /// The part of the jaw that a place of its bone is in.
  @inline(__always) private func part(_ probe: ArticulatedPoint) -> HeadStructure {
    let p = probe.jaw
    if p.y < 23, p.z > -17 { return .condyle.on(probe.side) }
    if p.y >= 25, p.z > -17 { return .coronoid.on(probe.side) }
    return p.y < 34 && p.z > -64 + 0.4 * (p.y - 20) ? .ramus.on(probe.side) : .mandibleBody
  }
}
