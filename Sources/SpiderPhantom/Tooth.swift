import SpiderSupport

/// A tooth about the middle of its neck: u along the arch, v across it (outwards), h towards the bite.
struct Tooth: Sendable {
  /// Kinds by the form of crown and root.
  enum Kind: Sendable { case incisor, canine, premolar, molar }

  let kind: Kind
  let neck: Point
  /// The direction of the arch at this tooth, in the x-y plane.
  let along: SIMD2<Float>
  /// Half the width along the arch, half the depth across it, mm.
  let half: SIMD2<Float>
  let crown: Float
  let root: Float
  /// The outward lean of the tooth from neck to bite, mm per mm: front teeth lean.
  let lean: Float
  /// The same along the arch: no tooth stands quite straight.
  let tip: Float

  /// A point of the head in the tooth's own frame; `nil` out of its reach.
  @inline(__always) func local(_ p: Point, upper: Bool) -> Point? {
    let d = p - neck
    let h = upper ? -d.z : d.z
    guard h < crown + 3, h > -root - 4 else { return nil }
    let u = d.x * along.x + d.y * along.y - tip * h
    guard abs(u) < half.x + 3 else { return nil }
    let v = d.x * along.y - d.y * along.x + lean * h
    guard abs(v) < half.y + 3 else { return nil }
    return Point(u, v, h)
  }

  /// The middle of the biting edge, in the head's frame.
  func bite(upper: Bool) -> Point {
    let across = SIMD2(along.y, -along.x)
    let offset = along * (tip * crown) - across * (lean * crown)
    return neck + Point(offset.x, offset.y, upper ? -crown : crown)
  }

  /// The distance to the crown: a waisted block with cusps, or a blade.
  @inline(__always) func crownDistance(_ q: Point) -> Float {
    let up = clamp(q.z / crown, 0, 1)
    let broad = half.x * (0.86 + 0.14 * smoothStep(0, 0.45, up))
    let radius: Float
    let depth: Float
    var top = crown
    switch kind {
    case .incisor:
      depth = half.y * (1 - 0.72 * up)
      radius = min(broad, depth) * 0.8
    case .canine:
      depth = half.y * (1 - 0.6 * up)
      radius = min(broad, depth) * 0.8
      top -= 0.5 * abs(q.x)
    case .premolar, .molar:
      depth = half.y * (1 - 0.2 * up)
      radius = min(broad, depth) * 0.55
      // A valley between the outer and the inner cusps.
      top -= 1.3 * bell(q.y / (0.75 * half.y)) * (1 - 0.3 * bell(q.x / half.x))
    }
    let x = abs(q.x) - broad + radius
    let y = abs(q.y) - depth + radius
    let sides =
      (max(x, 0) * max(x, 0) + max(y, 0) * max(y, 0)).squareRoot() + min(max(x, y), 0) - radius
    return smoothIntersection(sides, max(q.z - top, -q.z - 0.5), 1.5)
  }

  /// The distance to the root or roots.
  @inline(__always) func rootDistance(_ q: Point) -> Float {
    guard kind == .molar else {
      let r = min(half.x, half.y)
      let flat = Point(q.x * r / half.x, q.y * r / half.y, q.z)
      return Capsule(Point(0, 0, 0), Point(0.6, 0, 1.4 - root), r * 0.86, 1.1).distance(flat)
    }
    let fold = Point(abs(q.x), abs(q.y) * 0.7, q.z)
    return Capsule(
      Point(half.x * 0.45, half.y * 0.2, 0), Point(half.x * 0.62, half.y * 0.24, 2 - root), 2.6, 1.1
    ).distance(fold)
  }

  /// The distance to the pulp.
  @inline(__always) func pulpDistance(_ q: Point) -> Float {
    Capsule(Point(0, 0, -root * 0.6), Point(0, 0, crown * 0.3), 0.4, 0.9).distance(q)
  }

  /// The distance to a filling in the bite.
  @inline(__always) func fillingDistance(_ q: Point) -> Float {
    let sides = ellipseDistance(q.x, q.y, half.x * 0.62, half.y * 0.4)
    return max(sides, max(q.z - crown + 0.8, crown - 3.4 - q.z))
  }
}

/// The teeth of a head, and their fillings, crowns and implants.
///
/// Bit n of each row stands for tooth n (0 the middle incisor, 7 the wisdom tooth).
/// Rows: upper right, upper left, lower right, lower left.
struct Dentition: Sendable {
  /// Natural teeth.
  private(set) var teeth = SIMD4<UInt8>()
  /// Crowns of metal on them.
  private(set) var crowns = SIMD4<UInt8>()
  /// Fillings of metal in their bite.
  private(set) var fillings = SIMD4<UInt8>()
  /// Titanium screws in place of a root, with a crown.
  private(set) var implants = SIMD4<UInt8>()

  /// Draws the teeth of a person; `aged` is 0 at 20 years, 1 at 90.
  init(aged: Float, options: HeadPhantom.Options, _ generator: inout SeededGenerator) {
    let isToothless = generator.uniform() < options.edentulousProbability
    let missing =
      options.maximumMissingTeeth * generator.uniform()
      * (0.4 * generator.uniform() + 0.6 * Double(aged))
    let hasMetal = generator.uniform() < options.metalProbability
    let crownShare = hasMetal ? generator.uniform(in: 0...0.3) : 0
    let fillingShare = hasMetal ? generator.uniform(in: 0.05...0.5) : 0
    let hasImplants = generator.uniform() < options.implantProbability
    for row in 0..<4 {
      for place in 0..<8 {
        let bit = UInt8(1) << UInt8(place)
        let chance = place == 7 ? 0.45 : 1 - missing
        let isThere = generator.uniform() < chance && !isToothless
        let (crown, filling, implant) = (
          generator.uniform(), generator.uniform(), generator.uniform()
        )
        if isThere {
          teeth[row] |= bit
          // Crowns and fillings are on the back teeth.
          if crown < crownShare, place >= 3 {
            crowns[row] |= bit
          } else if filling < fillingShare, place >= 3 {
            fillings[row] |= bit
          }
        } else if hasImplants, place < 7, implant < (isToothless ? 0.2 : 0.6) {
          implants[row] |= bit
        }
      }
    }
    // Metal that was asked for shows, whatever the dice said.
    if hasMetal, crowns == .zero, fillings == .zero {
      for row in 0..<4 where teeth[row] & 0b0111_1000 != 0 {
        let molar = teeth[row] & 0b0111_1000
        fillings[row] = molar & (~molar &+ 1)
        break
      }
    }
  }

  /// The remaining share of a jaw's ridge: 1 with teeth, less without.
  func ridge(upper: Bool) -> Float {
    let rows = upper ? (teeth.x, teeth.y) : (teeth.z, teeth.w)
    return min(1, Float(rows.0.nonzeroBitCount + rows.1.nonzeroBitCount) / 5)
  }
}
