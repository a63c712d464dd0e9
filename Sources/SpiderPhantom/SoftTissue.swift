import SpiderCore

/// Skin, the fat under it, and the muscles of face and neck with the fat between them.
struct SoftTissue: Sendable {
  private let shape: HeadShape
  private let noise: Noise
  private let masseter = Ellipsoid(Point(55, 30, -32), Point(8, 17, 30))
  private let temporalis = Ellipsoid(Point(58, 32, 22), Point(9, 32, 34))
  private let pterygoid = Ellipsoid(Point(32, 26, -28), Point(10, 14, 24))
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

  func paint(_ probe: Probe, into sample: inout Sample) {
    let p = probe.folded
    let depth = -probe.skin
    let grain = noise.value(probe.point, size: 6, channel: 7)
    sample.cover(probe.skin, Tissue.skin + 8 * grain, HeadLabel.softTissue)
    guard depth > -sample.edge else { return }
    let low = smoothStep(35, -25, p.z)
    let nose = smoothStep(84, 98, p.y) * smoothStep(45, 20, p.z)
    let fat = shape.adiposity * mix(2.4, 6, low) * (1 - 0.7 * nose)
    // Fat starts below the skin and ends at the first muscle.
    sample.tint(1.8 - depth, Tissue.fat + 10 * grain)
    sample.tint(1.8 + fat - depth, deepValue(probe, grain: grain))
  }

  /// Muscle and fat below the superficial layer.
  private func deepValue(_ probe: Probe, grain: Float) -> Float {
    let p = probe.folded
    let flesh = Tissue.muscle + 7 * grain
    guard p.z < 60 else { return flesh }
    let q = probe.foldedNeck
    var muscle = min(
      min(masseter.distance(probe.jaw), temporalis.distance(p)), pterygoid.distance(p))
    muscle = min(muscle, tongueBase.distance(probe.jaw))
    if p.z < -10 {
      muscle = min(muscle, min(sternomastoid.distance(q), longus.distance(q)))
      muscle = min(muscle, min(scalene.distance(q), trapezius.distance(q)))
      muscle = min(muscle, min(nuchalInner.distance(q), nuchalOuter.distance(q)))
    }
    // Between named muscles: loose tissue, partly fat, more of it in a stouter head.
    let loose = noise.value(probe.point, size: 14, channel: 8) + 0.6 * (shape.adiposity - 1) - 0.15
    let between = mix(flesh, Tissue.fat + 10 * grain, smoothStep(-0.15, 0.35, loose))
    return mix(flesh, between, smoothStep(-1, 1.5, muscle))
  }
}
