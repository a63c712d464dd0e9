import SpiderCore

/// What fills the cranial cavity: liquor, folded grey matter, white matter, ventricles and the falx.
struct Brain: Sendable {
  private let noise: Noise
  private let lateral: Tube
  private let temporalHorn: Capsule
  private let third: Ellipsoid
  private let fourth: Ellipsoid
  private let shift: Float
  private let tentorium = Ellipsoid(Point(0, -62, -8), Point(70, 58, 38))

  init(shape: HeadShape, noise: Noise) {
    self.noise = noise
    shift = shape.brainShift
    let s = shape.ventricles
    lateral = Tube([
      (Point(7, 38, 46), 4 * s), (Point(6, 15, 58), 5 * s), (Point(10, -15, 56), 6 * s),
      (Point(20, -35, 44), 6.5 * s), (Point(20, -58, 40), 2.5 * s),
    ])
    temporalHorn = Capsule(Point(20, -35, 44), Point(32, 8, 22), 5 * s, 2 * s)
    third = Ellipsoid(Point(0, 5, 36), Point(2.5 * s, 13, 11))
    fourth = Ellipsoid(Point(0, -34, 2), Point(7 * s, 5 * s, 12))
  }

  func paint(_ probe: Probe, cavity: Float, into sample: inout Sample) {
    guard cavity < sample.edge else { return }
    let p = probe.folded
    let fold =
      noise.value(probe.point, size: 11, channel: 4) + 0.5
      * noise.value(probe.point, size: 5, channel: 5)
    let depth = -cavity
    // Sulci: liquor reaches down where the folding noise is high.
    let cortex = smoothStep(-1, 1.5, depth - 2 - 4 * max(0, fold))
    let white = smoothStep(-1.5, 1.5, depth - 7 - 4 * fold)
    var value = mix(Tissue.liquor, mix(Tissue.greyMatter, Tissue.whiteMatter, white), cortex)
    value += shift * cortex + 2 * noise.value(probe.point, size: 9, channel: 6)
    sample.cover(cavity, value, HeadLabel.intracranial)
    guard depth > 0 else { return }
    if p.x < 6, depth < 38 || p.z > 75 {
      sample.coverSheet(
        probe.point.x, thickness: 1.4, within: 34 - p.z, Tissue.falx, HeadLabel.intracranial)
    }
    if p.y < 0, p.z < 40 {
      sample.coverSheet(
        tentorium.distance(p), thickness: 1.2, within: p.y + 8, Tissue.falx, HeadLabel.intracranial)
    }
    if p.x < 45, p.z < 75, p.z > -20 {
      let ventricle = min(
        min(lateral.distance(p), temporalHorn.distance(p)),
        min(third.distance(p), fourth.distance(p)))
      sample.tint(ventricle, Tissue.liquor)
    }
  }
}
