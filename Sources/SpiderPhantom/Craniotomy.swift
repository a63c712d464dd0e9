import SpiderImaging
import SpiderSupport

/// An operation through the vault: a piece of bone sawn out about a burr hole or two and, as a rule, put
/// back with small plates.
struct Craniotomy: Sendable {
  /// The side, 0 right, 1 left.
  let side: Int
  private let direction: Point
  private let tangents: (Point, Point)
  private let radius: Float
  private let kerf: Float
  private let isFlapBack: Bool
  private let plates: [SIMD2<Float>]
  private let wobble: SIMD2<Float>

  private static let middle = Point(0, -8, 45)
  private static let scale: Float = 78
  private static let burr: Float = 6.5

  init(_ generator: inout SeededGenerator) {
    func draw(_ low: Double, _ high: Double) -> Float {
      Float(generator.uniform(in: low...high))
    }
    side = generator.index(below: 2)
    // From the temple to the parietal eminence.
    let place = Vector3(Double(draw(48, 66)), Double(draw(-45, 40)), Double(draw(8, 48)))
    let axis = normalized(place)
    direction = Point(axis)
    let up = normalized(cross(axis, Vector3(0, 1, 0)))
    tangents = (Point(up), Point(cross(axis, up)))
    radius = draw(20, 34)
    kerf = draw(1.4, 3)
    isFlapBack = generator.uniform() < 0.75
    wobble = SIMD2(draw(-0.16, 0.16), draw(-0.1, 0.1))
    let count = 3 + generator.index(below: 2)
    let start = generator.uniform(in: 0...1)
    plates = (0..<count).map { index in
      // Directions about the flap's middle, a turn split evenly, as points of a circle.
      unitCircle(start + Double(index) / Double(count))
    }
  }

  /// The coordinates of a place about the flap's middle: direction in its plane, and distance along the skull, mm.
  @inline(__always) private func position(_ folded: Point) -> (at: SIMD2<Float>, away: Float) {
    let v = folded - Self.middle
    let unit = v / max(norm(v), 1)
    let along = (unit * direction).sum()
    let offset = unit - direction * along
    let at = SIMD2((offset * tangents.0).sum(), (offset * tangents.1).sum()) * Self.scale
    guard along > 0 else { return (at, 200) }
    let away = (at * at).sum().squareRoot()
    return (at, away)
  }

  @inline(__always) private func edge(_ at: SIMD2<Float>, _ away: Float) -> Float {
    guard away > 1 else { return radius }
    let (x, y) = (at.x / away, at.y / away)
    // Not quite round: the second and third harmonic of the direction.
    return radius
      * (1 + wobble.x * (x * x - y * y) + wobble.y * (x * x * x - 3 * x * y * y))
  }

  /// The distance into what was sawn or left out, mm, positive there: for a maximum with the bone's.
  @inline(__always) func opening(_ probe: ArticulatedPoint) -> Float {
    let (at, away) = position(probe.folded)
    guard away < radius * 1.6 + 10 else { return -20 }
    let rim = away - edge(at, away)
    var open = isFlapBack ? kerf / 2 - abs(rim) : -rim
    for plate in plates.prefix(2) {
      let hole = at - plate * radius
      open = max(open, Self.burr - (hole * hole).sum().squareRoot())
    }
    return open
  }

  /// Whether a place of bone is in the piece that was put back.
  @inline(__always) func isFlap(_ probe: ArticulatedPoint) -> Bool {
    let (at, away) = position(probe.folded)
    return isFlapBack && away < edge(at, away)
  }

  /// Plates across the kerf with a screw on either side of it.
  @inline(__always) func paintPlates(_ probe: ArticulatedPoint, into sample: inout VoxelPaint) {
    guard isFlapBack, probe.vault > -7, probe.vault < 3 else { return }
    let (at, away) = position(probe.folded)
    guard abs(away - radius) < 20 else { return }
    let rim = away - edge(at, away)
    let height = probe.vault - 0.4
    for plate in plates {
      // Along the rim, with the plates between the burr holes and over them.
      let across = at.x * -plate.y + at.y * plate.x
      guard (at * plate).sum() > 0, abs(across) < 6 else { continue }
      let strip = max(max(abs(rim) - 9, abs(across) - 2.2), abs(height) - 0.5)
      let screw = max(
        ((abs(rim) - 6.5) * (abs(rim) - 6.5) + across * across).squareRoot() - 1,
        max(probe.vault - 1, -5 - probe.vault))
      sample.cover(min(strip, screw), Tissue.metal, .skullPlate)
    }
  }
}

/// The point of the unit circle at a share of a full turn, the same bits on every machine: a rational
/// parametrisation of half a quarter, doubled. Its speed is uneven by a tenth.
private func unitCircle(_ turns: Double) -> SIMD2<Float> {
  let quarter = (turns - turns.rounded(.down)) * 4
  // Tangent of a quarter of the angle, which runs to 45 degrees / 2.
  let h = (quarter - quarter.rounded(.down)) * (2.0.squareRoot() - 1)
  let (c, s) = ((1 - h * h) / (1 + h * h), 2 * h / (1 + h * h))
  let point = SIMD2(Float(c * c - s * s), Float(2 * c * s))
  switch Int(quarter) {
  case 0: return point
  case 1: return SIMD2(-point.y, point.x)
  case 2: return -point
  default: return SIMD2(point.y, -point.x)
  }
}
