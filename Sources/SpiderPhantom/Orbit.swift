/// The orbit: a cone of fat with the eye, its muscles and the optic nerve.
struct Orbit: Sendable {
  private let cone = Capsule(Point(13, 47, 18), Point(33, 80, 16), 4, 18.5)
  private let mouth = Capsule(Point(33, 80, 16), Point(37, 100, 14), 18.5, 21)
  /// Superior and inferior fissures and the optic canal, which open the apex.
  private let upperFissure = Capsule(Point(13, 46, 15), Point(27, 53, 21), 1.6)
  private let lowerFissure = Capsule(Point(17, 48, 5), Point(40, 66, -2), 1.8)
  private let opticCanal = Capsule(Point(15, 49, 19), Point(10, 37, 21), 2.2)
  private let noise: Noise
  private let bounds = Bounds(Point(4, 34, -12), Point(60, 100, 44))
  private let eye = Ellipsoid(Point(32, 77, 16), Point(12, 12, 12))
  private let lens = Ellipsoid(Point(32.5, 85, 16), Point(4.5, 2.2, 4.5))
  private let nerve = Capsule(Point(14, 48, 18), Point(30, 66, 16), 2)
  private let muscles = [
    Capsule(Point(14, 49, 20), Point(31, 75, 28), 1.8, 2.4),
    Capsule(Point(14, 49, 16), Point(31, 75, 4), 1.8, 2.4),
    Capsule(Point(11, 50, 18), Point(20, 76, 16), 1.6, 2.2),
    Capsule(Point(17, 50, 18), Point(44, 74, 16), 1.6, 2.2),
  ]

  init(noise: Noise) { self.noise = noise }

  /// The distance to the bony orbit; in front of the face it goes on as a funnel.
  @inline(__always) func distance(_ folded: Point) -> Float {
    min(cone.distance(folded), mouth.distance(folded))
  }

  func paint(_ probe: ArticulatedPoint, into sample: inout VoxelPaint) {
    let p = probe.folded
    let side = probe.side
    guard bounds.contains(p) else { return }
    // Only inside the body, and behind the skin and the lid.
    let cavity = max(distance(p), probe.skin + 4)
    if p.y < 70, p.x > 8, p.x < 44 {
      let fissure = min(
        opticCanal.distance(p), min(upperFissure.distance(p), lowerFissure.distance(p)))
      sample.cover(fissure, Tissue.muscle, .orbitalFat.on(side))
    }
    guard cavity < sample.edge else { return }
    let grain = noise.value(probe.point, size: 6, channel: 9)
    sample.cover(cavity, Tissue.fat + 10 * grain, .orbitalFat.on(side))
    var flesh = Float.infinity
    for muscle in muscles { flesh = min(flesh, muscle.distance(p)) }
    sample.tint(flesh, Tissue.muscle, .eyeMuscles.on(side))
    sample.tint(nerve.distance(p), Tissue.muscle - 10, .opticNerve.on(side))
    let globe = eye.distance(p)
    sample.tint(globe, Tissue.sclera, .eye.on(side))
    sample.tint(globe + 1.3, Tissue.vitreous)
    sample.tint(lens.distance(p), Tissue.lens, .lens.on(side))
  }
}
