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

  func paint(_ probe: ArticulatedPoint, into sample: inout VoxelPaint) {
    let p = probe.folded
    let depth = -probe.skin
    let grain = noise.value(probe.point, size: 6, channel: 7)
    let isEar = probe.vault > shape.scalp + 5 && p.x > 62 && p.y < 12 && p.y > -36 && p.z > -40
    sample.cover(
      probe.skin, Tissue.skin + 8 * grain, isEar ? .ear.on(probe.side) : .skin)
    guard depth > -sample.edge else { return }
    let low = smoothStep(35, -25, p.z)
    let nose = smoothStep(84, 98, p.y) * smoothStep(45, 20, p.z)
    let fat =
      shape.adiposity * mix(2.4, 6, low) * (1 - 0.7 * nose)
      + 0.8 * SkinSurface.padding(shape.padding, at: p)
    // Fat starts below the skin and ends at the first muscle.
    let under: HeadStructure = isEar ? .ear.on(probe.side) : .fat
    sample.tint(1.8 - depth, isEar ? 40 : Tissue.fat + 10 * grain, under)
    let deep = deepTissue(probe, grain: grain)
    sample.tint(1.8 + fat - depth, deep.value, isEar ? under : deep.part)
  }

  /// Muscle and fat below the superficial layer.
  private func deepTissue(_ probe: ArticulatedPoint, grain: Float) -> (
    value: Float, part: HeadStructure
  ) {
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

/// The outline of the head: scalp, face, nose, lips, ears and neck.
struct SkinSurface: Sendable {
  private let braincase: Braincase
  private let articulation: Articulation
  private let scalp: Float
  private let padding: Float
  private let neckWidth: Float
  private let neckDepth: Float
  private let shoulders: Float
  private let midface = Ellipsoid(Point(0, 32, -6), Point(73, 64, 58))
  private let brow = Capsule(Point(0, 86, 38), Point(38, 78, 36), 14, 12)
  private let jaw = Ellipsoid(Point(0, 37, -48), Point(60, 54, 40))
  private let chin = Ellipsoid(Point(0, 75, -72), Point(25, 20, 19))
  private let mouth = Ellipsoid(Point(0, 80, -42), Point(30, 21, 24))
  private let eyelid = Ellipsoid(Point(32, 76, 16), Point(15, 15, 13))
  private let cheek = Ellipsoid(Point(42, 60, -24), Point(20, 22, 28))
  private let temple = Capsule(Point(47, 70, 26), Point(46, 69, -2), 11, 12)
  private let bridge: Capsule
  private let tip: Ellipsoid
  private let wing: Ellipsoid
  /// From the side of the bridge down to the wing: the nose is a pyramid.
  private let flank: Capsule
  /// Between the nostrils, from the tip to the lip.
  private let columella: Capsule
  private let nostril: Capsule
  private let auricle = Ellipsoid(.zero, Point(3.2, 16, 30))
  private let concha = Ellipsoid(Point(3, 5, -2), Point(4.5, 9, 14))

  init(shape: HeadShape, braincase: Braincase, articulation: Articulation) {
    self.braincase = braincase
    self.articulation = articulation
    scalp = shape.scalp
    padding = shape.padding
    neckWidth = shape.neckWidth
    neckDepth = shape.neckDepth
    shoulders = shape.shoulders
    let nose = shape.noseLength
    bridge = Capsule(Point(0, 92, 34), Point(0, 95 + 15 * nose, -6), 7, 7.5)
    tip = Ellipsoid(Point(0, 97 + 14 * nose, -11), Point(8.5, 9, 7.5))
    wing = Ellipsoid(Point(10, 93 + 10 * nose, -14), Point(8, 11, 8))
    flank = Capsule(Point(6, 90, 26), Point(11, 95 + 3 * nose, -10), 6, 9)
    columella = Capsule(Point(0, 97 + 10 * nose, -12), Point(0, 93, -20), 6)
    nostril = Capsule(Point(6.5, 94 + 9 * nose, -21.5), Point(6.5, 94 + 9 * nose, -34), 4.3)
  }

  /// The distance to the skin, with the distance to the closed braincase found on the way.
  @inline(__always) func distance(_ p: Point) -> (skin: Float, vault: Float) {
    let folded = Point(abs(p.x), p.y, p.z)
    let vault = braincase.vault(p)
    var skin = vault - scalp
    if p.z < 60 {
      skin = smoothUnion(skin, faceDistance(folded), 10)
      skin = min(skin, earDistance(folded))
    }
    if p.z < 25 { skin = smoothUnion(skin, neckDistance(p), 26) }
    if p.z < 0, p.y > 80 { skin = max(skin, -nostril.distance(folded)) }
    return (skin, vault)
  }

  @inline(__always) private func faceDistance(_ folded: Point) -> Float {
    var face = smoothUnion(midface.distance(folded), brow.distance(folded), 14)
    face = smoothUnion(face, min(cheek.distance(folded), temple.distance(folded)), 16)
    if folded.z < 15 {
      let moved = articulation.jaw(folded)
      let half = (moved + folded) * 0.5
      face = smoothUnion(face, jaw.distance(moved), 14)
      face = smoothUnion(face, mouth.distance(half), 16)
      face = smoothUnion(face, chin.distance(moved), 10)
    }
    face -= Self.padding(padding, at: folded)
    if folded.y > 55 {
      face = smoothUnion(face, eyelid.distance(folded), 6)
      let ridge = smoothUnion(bridge.distance(folded), tip.distance(folded), 8)
      let sides = min(flank.distance(folded), wing.distance(folded))
      let nose = smoothUnion(smoothUnion(ridge, columella.distance(folded), 3), sides, 5)
      face = smoothUnion(face, nose, 8)
    }
    return face
  }

  /// How far `padding` mm set the skin out at a place: all of it at jaw and throat, none above the brows, little about
  /// nose and mouth.
  @inline(__always) static func padding(_ padding: Float, at p: Point) -> Float {
    padding * smoothStep(50, -40, p.z)
      * (1 - 0.7 * smoothStep(75, 95, p.y) * smoothStep(-50, -30, p.z))
  }

  @inline(__always) private func earDistance(_ folded: Point) -> Float {
    let d = folded - Point(74, -9, -2)
    // Stands off the head by about 25 degrees, its back edge outwards.
    let local = Point(0.906 * d.x + 0.423 * d.y, 0.906 * d.y - 0.423 * d.x, d.z + 0.15 * d.y)
    return max(auricle.distance(local), -concha.distance(local))
  }

  @inline(__always) private func neckDistance(_ p: Point) -> Float {
    let q = articulation.neck(p)
    // Below, the neck widens towards the shoulders.
    let below = max(0, shoulders - q.z)
    let flare = 1.4 * below * below / (below + 22)
    let wide = ellipseDistance(
      q.x, q.y + 14 + 0.2 * flare, 57 * neckWidth + flare, 56 * neckWidth * neckDepth + 0.3 * flare)
    // Where it widens, the horizontal distance is longer than the distance.
    return max(wide / (1 + 0.6 * min(1, flare / 12)), p.z - 2)
  }
}
