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
  /// How far the bite lies outwards of the neck, mm a mm: front teeth lean.
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
