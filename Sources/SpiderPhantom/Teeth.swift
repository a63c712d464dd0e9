import SpiderCore

/// One row of teeth: the upper belongs to the skull, the lower to the jaw.
struct Teeth: Sendable {
  private let teeth: [Tooth]
  private let present: SIMD2<UInt8>
  private let metal: SIMD2<UInt8>
  private let label: UInt8
  private let bounds: Bounds

  /// A tooth on the right, seen from its neck: crown towards the bite, roots away from it.
  private struct Tooth: Sendable {
    let neck: Point
    let along: SIMD2<Float>
    let half: SIMD2<Float>
    let crown: Float
    let root: Float
    let isMolar: Bool
  }

  /// Widths along the arch, mean depths and crown heights from the middle incisor to the wisdom
  /// tooth, mm: R. C. Wheeler's table of average dimensions, rounded.
  private static let upperWidths: [Float] = [8.5, 6.5, 7.5, 7, 7, 10, 9, 8.5]
  private static let lowerWidths: [Float] = [5, 5.5, 7, 7, 7, 11, 10.5, 10]
  private static let depths: [Float] = [6.8, 6.2, 7.8, 8.5, 8.5, 10.5, 10.5, 10]
  private static let crowns: [Float] = [10, 9, 10, 8.5, 8, 7.5, 7, 6.5]
  private static let roots: [Float] = [13, 13, 16, 14, 14, 12, 11, 10]

  init(upper: Bool, shape: HeadShape) {
    label = upper ? HeadLabel.skull : HeadLabel.mandible
    present =
      upper ? SIMD2(shape.teeth.x, shape.teeth.y) : SIMD2(shape.teeth.z, shape.teeth.w)
    metal = upper ? SIMD2(shape.metal.x, shape.metal.y) : SIMD2(shape.metal.z, shape.metal.w)
    // The lower row bites inside the upper one.
    let radii: SIMD2<Float> = upper ? SIMD2(28.5, 47.5) : SIMD2(26.5, 43.5)
    let back: Float = upper ? 38 : 39
    let widths = upper ? Self.upperWidths : Self.lowerWidths
    var angle: Float = 0
    teeth = (0..<8).map { index in
      // Half a tooth to its middle, another half to its end, measured along the ellipse.
      func advance(_ length: Float) {
        for _ in 0..<20 {
          let (s, c) = sineAndCosine(angle)
          let speed = (radii.x * radii.x * c * c + radii.y * radii.y * s * s).squareRoot()
          angle += length / 20 / speed
        }
      }
      advance(widths[index] / 2)
      let (s, c) = sineAndCosine(angle)
      let tangent = SIMD2(radii.x * c, -radii.y * s)
      let size = (tangent * tangent).sum().squareRoot()
      advance(widths[index] / 2)
      let front = smoothStep(3, 0, Float(index))
      let neckHeight: Float = upper ? -41 : -58.5
      return Tooth(
        neck: Point(radii.x * s, back + radii.y * c, neckHeight + (upper ? 0 : 1 - front)),
        along: tangent / size,
        half: SIMD2(widths[index] / 2 - 0.2, Self.depths[index] / 2),
        crown: Self.crowns[index], root: Self.roots[index], isMolar: index >= 5)
    }
    bounds =
      upper
      ? Bounds(Point(-2, 25, -58), Point(42, 96, -20))
      : Bounds(Point(-2, 25, -82), Point(42, 92, -44))
  }

  func paint(_ probe: Probe, into sample: inout Sample) {
    let upper = label == HeadLabel.skull
    let p = upper ? probe.folded : probe.jaw
    guard bounds.contains(p) else { return }
    let row = present[probe.side]
    for (index, tooth) in teeth.enumerated() where row & (1 << UInt8(index)) != 0 {
      let d = p - tooth.neck
      let u = d.x * tooth.along.x + d.y * tooth.along.y
      guard abs(u) < tooth.half.x + 3 else { continue }
      let v = d.x * tooth.along.y - d.y * tooth.along.x
      // Height above the neck towards the bite.
      let h = upper ? -d.z : d.z
      guard abs(v) < tooth.half.y + 3, h < tooth.crown + 3, h > -tooth.root - 4 else { continue }
      let crowned = metal[probe.side] & (1 << UInt8(index)) != 0
      paint(tooth, Point(u, v, h), metal: crowned, into: &sample)
    }
  }

  private func paint(_ tooth: Tooth, _ q: Point, metal: Bool, into sample: inout Sample) {
    // Front teeth thin out to an edge; molars keep a flat top.
    let taper = tooth.isMolar ? 0 : clamp(q.z / tooth.crown, 0, 1) * 0.45
    let half = SIMD2(tooth.half.x, tooth.half.y * (1 - taper))
    let box = RoundedBox(
      Point(0, 0, tooth.crown / 2), Point(half.x, half.y, tooth.crown / 2),
      min(half.x, half.y) * 0.6)
    let crown = box.distance(q)
    let tip = Point(0, 0, -tooth.root)
    var root: Float
    if tooth.isMolar {
      let fold = Point(abs(q.x), q.y, q.z)
      root = Capsule(
        Point(tooth.half.x * 0.5, 0, 0), tip + Point(tooth.half.x * 0.55, 0, 2), 2.9, 1.2
      )
      .distance(fold)
    } else {
      let r = min(tooth.half.x, tooth.half.y)
      root = Capsule(Point(0, 0, 0), tip + Point(0, 0, 1.5), r * 0.95, 1.2).distance(q)
    }
    sample.cover(root, Tissue.dentine, label)
    sample.cover(crown, metal ? Tissue.metal : Tissue.enamel, label)
    sample.tint(crown + (tooth.isMolar ? 1.5 : 1.1), Tissue.dentine)
    let pulp = Capsule(Point(0, 0, -tooth.root * 0.6), Point(0, 0, tooth.crown * 0.3), 0.4, 0.9)
    sample.tint(pulp.distance(q), Tissue.pulp)
  }
}

/// Sine and cosine of an angle in [0, pi/2 + 0.6], by their series: the same bits on every machine.
private func sineAndCosine(_ x: Float) -> (Float, Float) {
  let y = x * x
  let s = x * (1 - y / 6 * (1 - y / 20 * (1 - y / 42 * (1 - y / 72))))
  let c = 1 - y / 2 * (1 - y / 12 * (1 - y / 30 * (1 - y / 56 * (1 - y / 90))))
  return (s, c)
}
