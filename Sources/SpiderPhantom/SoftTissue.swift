/// Skin, the fat under it, and the muscles of face and neck with the fat between them.
struct SoftTissue: Sendable {
  private let shape: HeadShape
  private let noise: Noise
  private let masseter = Ellipsoid(Point(55, 30, -32), Point(8, 17, 30))
  private let temporalis = Ellipsoid(Point(58, 32, 22), Point(9, 32, 34))
  private let pterygoid = Ellipsoid(Point(32, 26, -28), Point(10, 14, 24))
  private let lateralPterygoid = Capsule(Point(24, 38, -4), Point(46, 17, -9), 8, 4.5)
  private let tongueBase = Ellipsoid(Point(0, 50, -66), Point(22, 30, 18))
  private let sternomastoid = Capsule(Point(54, -18, -28), Point(40, 16, -135), 9, 11)
  private let longus = Capsule(Point(9, 5, -30), Point(11, 4, -135), 6, 7)
  private let scalene = Capsule(Point(30, -6, -50), Point(38, -6, -135), 9, 13)
  private let nuchalInner = Capsule(Point(15, -50, -30), Point(15, -44, -135), 13, 13)
  private let nuchalOuter = Capsule(Point(34, -46, -26), Point(38, -38, -135), 13, 15)
  private let trapezius = Capsule(Point(12, -64, -40), Point(30, -60, -140), 6, 9)

  init(shape: HeadShape, noise: Noise) {
    self.shape = shape
    self.noise = noise
  }

  func paint(_ probe: Probe, into sample: inout VoxelPaint) {
    let p = probe.folded
    let depth = -probe.skin
    let grain = noise.value(probe.point, size: 6, channel: 7)
    let isEar = probe.vault > shape.scalp + 5 && p.x > 62 && p.y < 12 && p.y > -36 && p.z > -40
    sample.cover(
      probe.skin, Tissue.skin + 8 * grain, isEar ? .ear.on(probe.side) : .skin)
    guard depth > -sample.edge else { return }
    let low = smoothStep(35, -25, p.z)
    let nose = smoothStep(84, 98, p.y) * smoothStep(45, 20, p.z)
    let fat = shape.adiposity * mix(2.4, 6, low) * (1 - 0.7 * nose)
    // Fat starts below the skin and ends at the first muscle.
    let under: HeadStructure = isEar ? .ear.on(probe.side) : .fat
    sample.tint(1.8 - depth, isEar ? 40 : Tissue.fat + 10 * grain, under)
    let deep = deepTissue(probe, grain: grain)
    sample.tint(1.8 + fat - depth, deep.value, isEar ? under : deep.part)
  }

  /// Muscle and fat below the superficial layer.
  private func deepTissue(_ probe: Probe, grain: Float) -> (value: Float, part: HeadStructure) {
    let p = probe.folded
    let flesh = Tissue.muscle + shape.muscleShift + 7 * grain
    guard p.z < 60 else { return (flesh, .muscle) }
    let q = probe.foldedNeck
    var muscle = Float.infinity
    var part = HeadStructure.muscle
    func add(_ distance: Float, _ structure: HeadStructure) {
      if distance < muscle { (muscle, part) = (distance, structure) }
    }
    if p.y > -5, p.z > -75 {
      add(masseter.distance(probe.jaw), .masseter.on(probe.side))
      add(temporalis.distance(p), .temporalis.on(probe.side))
      add(
        min(lateralPterygoid.distance(p), pterygoid.distance(probe.jaw)),
        .pterygoid.on(probe.side))
    }
    add(tongueBase.distance(probe.jaw), .tongue)
    if p.z < -10 {
      add(sternomastoid.distance(q), .sternomastoid.on(probe.side))
      add(min(longus.distance(q), scalene.distance(q)), .neckMuscles)
      add(trapezius.distance(q), .neckMuscles)
      add(min(nuchalInner.distance(q), nuchalOuter.distance(q)), .neckMuscles)
    }
    // Between named muscles: loose tissue, partly fat, more of it in a stouter head.
    let loose = noise.value(probe.point, size: 14, channel: 8) + 0.6 * (shape.adiposity - 1) - 0.15
    let share = smoothStep(-0.15, 0.35, loose)
    let between = mix(flesh, Tissue.fat + 10 * grain, share)
    let value = mix(flesh, between, smoothStep(-1, 1.5, muscle))
    return (value, muscle < 0.25 ? part : share < 0.5 ? .softTissue : .fat)
  }
}
