import SpiderSupport

/// The operations and fractures of one head.
struct Surgery: Sendable {
  let craniotomy: Craniotomy?
  let jaw: JawSurgery?

  init(seed: UInt64, options: HeadPhantom.Options) {
    var generator = SeededGenerator(seed: seed).fork(9)
    // Always the same number of draws, so that one option does not change what another one gives.
    let chances = (generator.uniform(), generator.uniform(), generator.uniform())
    var first = generator.fork(1)
    var second = generator.fork(2)
    craniotomy = chances.0 < options.craniotomyProbability ? Craniotomy(&first) : nil
    let isBroken = chances.1 < options.fractureProbability
    let isPlated = chances.2 < options.plateProbability
    jaw =
      isBroken || isPlated
      ? JawSurgery(isBroken: isBroken, isPlated: isPlated, &second) : nil
  }
}

/// A break of the lower jaw, mended with a plate or not; or the plates of an older operation without a
/// gap.
struct JawSurgery: Sendable {
  /// The side, 0 right, 1 left.
  let side: Int
  /// The gap between the pieces, mm; 0 where the bone has healed.
  let gap: Float
  let isPlated: Bool
  private let place: Point
  private let normal: Point
  private let shift: Point
  private let outward: Point
  /// Half the length of the break, mm: one below the condyle leaves the coronoid process alone.
  private let reach: Float

  /// The sites of jaw fractures: beside the chin, in the body, at the angle, below the condyle. Place on the right, and
  /// the direction across the break towards the joint.
  private static let sites: [(place: Point, normal: Point, outward: Point, reach: Float)] = [
    (Point(18, 74, -70), Point(0.72, -0.69, 0.1), Point(0.69, 0.72, 0), 45),
    (Point(30, 52, -66), Point(0.42, -0.88, 0.2), Point(0.88, 0.42, 0), 45),
    (Point(43, 26, -52), Point(0.3, -0.6, 0.74), Point(0.95, 0.3, 0), 45),
    (Point(48, 14, -17), Point(0.1, -0.2, 0.97), Point(1, 0, 0), 16),
  ]

  /// - Parameter isBroken: Whether there is a gap, and the pieces are out of place.
  init(isBroken: Bool, isPlated: Bool, _ generator: inout SeededGenerator) {
    func draw(_ low: Double, _ high: Double) -> Float {
      Float(generator.uniform(in: low...high))
    }
    side = generator.index(below: 2)
    // Below the condyle there is no room for a plate along the bone.
    let site = Self.sites[generator.index(below: isPlated ? 3 : 4)]
    place = site.place
    let tilted = site.normal + Point(draw(-0.15, 0.15), draw(-0.15, 0.15), draw(-0.2, 0.2))
    normal = tilted / norm(tilted)
    outward = site.outward
    reach = site.reach
    self.isPlated = isPlated
    gap = isBroken ? draw(1.0, 2.6) : 0
    // A mended break is nearly in place.
    let slip = isBroken ? draw(0.6, isPlated ? 1.2 : 2.8) : 0
    let across = Point(draw(-1, 1), draw(-1, 1), draw(-1, 1))
    shift = across / max(norm(across), 0.3) * slip
  }

  /// The distance beyond the break, towards the joint, mm.
  @inline(__always) private func beyond(_ jaw: Point) -> Float {
    ((jaw - place) * normal).sum()
  }

  /// The point of the whole jaw that lies at a point of the broken one.
  @inline(__always) func mended(_ jaw: Point) -> Point {
    gap > 0 && beyond(jaw) > 0 ? jaw - shift : jaw
  }

  /// The distance into the gap, positive in it: for a maximum with the bone's.
  @inline(__always) func opening(_ jaw: Point) -> Float {
    guard gap > 0 else { return -100 }
    // Only here does the plane part the bone, not where it meets it again elsewhere.
    let away = jaw - place
    guard (away * away).sum() < reach * reach else { return -100 }
    return gap / 2 - abs(beyond(jaw))
  }

  /// A plate along the outside of the bone across the break, with four screws.
  @inline(__always) func paintPlate(
    _ jaw: Point, bone: Float, into sample: inout VoxelPaint
  ) {
    guard isPlated, bone > -7, bone < 4 else { return }
    let away = jaw - place
    guard (away * away).sum() < 22 * 22, (away * outward).sum() > -4 else { return }
    let along = beyond(jaw)
    // Upright to the plate's course and to the outside.
    let height = away.z - normal.z * along
    let strip = max(max(abs(along) - 14, abs(height) - 2.4), abs(bone - 0.6) - 0.6)
    let place = min(abs(abs(along) - 4.5), abs(abs(along) - 11))
    let screw = max((place * place + height * height).squareRoot() - 1.1, -6 - bone)
    sample.cover(min(strip, max(screw, bone - 1.2)), Tissue.metal, .mandiblePlate)
  }
}
