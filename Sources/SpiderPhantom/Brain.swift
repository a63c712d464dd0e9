/// The content of the cranial cavity: liquor, folded grey matter, white matter with the deep nuclei,
/// ventricles, cerebellum and brainstem, falx and tentorium.
struct Brain: Sendable {
  private let noise: Noise
  private let lateral: Tube
  private let temporalHorn: Capsule
  private let third: Ellipsoid
  private let fourth: Ellipsoid
  private let shift: Float
  private let sulci: Float
  private let pinealValue: Float
  private let tentorium = Ellipsoid(Point(0, -62, -8), Point(70, 58, 38))
  private let stem = Tube([
    (Point(0, 2, 26), 13), (Point(0, -2, 8), 13), (Point(0, -9, -8), 8), (Point(0, -14, -30), 6.5),
  ])
  private let thalamus = Ellipsoid(Point(11, -2, 38), Point(9, 15, 10))
  private let lentiform = Ellipsoid(Point(24, 12, 38), Point(6, 16, 9))
  private let pineal = Ellipsoid(Point(0, -21, 37), Point(2.6, 3.4, 2.4))

  init(shape: HeadShape, noise: Noise) {
    self.noise = noise
    shift = shape.brainShift
    sulci = shape.sulci
    pinealValue = shape.pinealValue
    let s = shape.ventricles
    lateral = Tube([
      (Point(7, 38, 46), 4 * s), (Point(6, 15, 58), 5 * s), (Point(10, -15, 56), 6 * s),
      (Point(20, -35, 44), 6.5 * s), (Point(20, -58, 40), 2.5 * s),
    ])
    temporalHorn = Capsule(Point(20, -35, 44), Point(32, 8, 22), 5 * s, 2 * s)
    third = Ellipsoid(Point(0, 5, 36), Point(2.5 * s, 13, 11))
    fourth = Ellipsoid(Point(0, -34, 2), Point(7 * s, 5 * s, 12))
  }

  func paint(_ probe: ArticulatedPoint, cavity: Float, into sample: inout VoxelPaint) {
    guard cavity < sample.edge else { return }
    let p = probe.folded
    let depth = -cavity
    let below = p.y < 0 && p.z < 42 ? tentorium.distance(p) : Float.infinity
    // The cerebellum's leaves are finer than the cerebrum's folds.
    let fold =
      below < 0
      ? 0.7 * noise.value(probe.point, size: 4, channel: 5)
      : noise.value(probe.point, size: 11, channel: 4)
        + 0.5 * noise.value(probe.point, size: 5, channel: 5)
    // Sulci: liquor reaches down where the folding noise is high.
    let cortex = smoothStep(-1, 1.5, depth - 2 - sulci * max(0, fold))
    var white = smoothStep(-1.5, 1.5, depth - 7 - 4 * fold)
    var part: HeadStructure =
      cortex < 0.5 ? .liquor : white < 0.5 ? .greyMatter : .whiteMatter
    if below < 0 { part = cortex < 0.5 ? .liquor : .cerebellum }
    if p.x < 14, p.z < 42, stem.distance(p) < 0 { part = .brainstem }
    if p.x < 34, p.z > 24, p.z < 52 {
      let nuclei = min(thalamus.distance(p), lentiform.distance(p))
      white *= smoothStep(-1, 1, nuclei)
      if nuclei < 0 { part = .greyMatter }
    }
    // Dura and the vessels in it lie along the bone.
    let dura = smoothStep(1.6, 0.6, depth)
    var value = mix(Tissue.liquor, mix(Tissue.greyMatter, Tissue.whiteMatter, white), cortex)
    value += shift * cortex + 2 * noise.value(probe.point, size: 9, channel: 6)
    value = mix(value, Tissue.falx, dura)
    sample.cover(cavity, value, part)
    guard depth > 0 else { return }
    paintVentricles(probe, into: &sample)
    if p.x < 6, depth < 38 || p.z > 75 {
      sample.coverSheet(
        probe.point.x, thickness: 1.4, within: max(34 - p.z, cavity), Tissue.falx, .falx)
    }
    if below < 6 {
      // Open in front, where the brainstem passes.
      sample.coverSheet(
        below, thickness: 1.2, within: max(p.y + 8, cavity), Tissue.falx, .tentorium)
    }
  }

  private func paintVentricles(_ probe: ArticulatedPoint, into sample: inout VoxelPaint) {
    let p = probe.folded
    guard p.x < 45, p.z < 75, p.z > -20 else { return }
    sample.tint(
      min(lateral.distance(p), temporalHorn.distance(p)), Tissue.liquor,
      .lateralVentricle.on(probe.side))
    sample.tint(third.distance(p), Tissue.liquor, .thirdVentricle)
    sample.tint(fourth.distance(p), Tissue.liquor, .fourthVentricle)
    if p.x < 5 { sample.tint(pineal.distance(p), pinealValue, .pineal) }
  }
}
