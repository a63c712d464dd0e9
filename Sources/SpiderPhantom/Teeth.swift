import SpiderImaging
import SpiderSupport

/// One row of teeth: the upper belongs to the skull, the lower to the jaw.
struct Teeth: Sendable {
  private let rows: [[Tooth]]
  private let dentition: Dentition
  private let upper: Bool
  private let bounds: Bounds

  /// Widths along the arch, mean depths and crown heights from the middle incisor to the wisdom
  /// tooth, mm: R. C. Wheeler's table of average dimensions, rounded.
  private static let upperWidths: [Float] = [8.5, 6.5, 7.5, 7, 7, 10, 9, 8.5]
  private static let lowerWidths: [Float] = [5, 5.5, 7, 7, 7, 11, 10.5, 10]
  private static let depths: [Float] = [6.8, 6.2, 7.8, 8.5, 8.5, 10.5, 10.5, 10]
  private static let crowns: [Float] = [10, 9, 10, 8.5, 8, 7.5, 7, 6.5]
  private static let roots: [Float] = [13, 13, 16, 14, 14, 12, 11, 10]
  private static let kinds: [Tooth.Kind] = [
    .incisor, .incisor, .canine, .premolar, .premolar, .molar, .molar, .molar,
  ]
  private static let upperLeans: [Float] = [0.3, 0.27, 0.16, 0.06, 0.04, 0.06, 0.08, 0.1]
  private static let lowerLeans: [Float] = [0.14, 0.13, 0.06, -0.04, -0.08, -0.14, -0.18, -0.2]

  init(upper: Bool, shape: HeadShape, seed: UInt64) {
    self.upper = upper
    dentition = shape.dentition
    var generator = SeededGenerator(seed: seed).fork(upper ? 20 : 21)
    rows = (0..<2).map { _ in Self.row(upper: upper, &generator) }
    bounds =
      upper
      ? Bounds(Point(-2, 25, -58), Point(44, 100, -20))
      : Bounds(Point(-2, 25, -82), Point(44, 96, -44))
  }

  /// The teeth of one side along an ellipse, each a little out of line.
  private static func row(upper: Bool, _ generator: inout SeededGenerator) -> [Tooth] {
    func jitter(_ size: Double) -> Float { Float(generator.uniform(in: -size...size)) }
    // The lower row bites inside the upper one.
    let radii: SIMD2<Float> = upper ? SIMD2(28.5, 47.5) : SIMD2(26.5, 43.5)
    let back: Float = upper ? 38 : 39
    let widths = upper ? upperWidths : lowerWidths
    var angle: Float = 0
    // Half a tooth to its middle, another half to its end, measured along the ellipse.
    func advance(_ length: Float) {
      for _ in 0..<20 {
        let (s, c) = sineAndCosine(angle)
        let speed = (radii.x * radii.x * c * c + radii.y * radii.y * s * s).squareRoot()
        angle += length / 20 / speed
      }
    }
    return (0..<8).map { index in
      advance(widths[index] / 2)
      let (s, c) = sineAndCosine(angle)
      let tangent = SIMD2(radii.x * c, -radii.y * s)
      let size = (tangent * tangent).sum().squareRoot()
      advance(widths[index] / 2)
      let front = smoothStep(3, 0, Float(index))
      // The necks rise and fall along the arch (curve of Spee).
      let curve = 1.2 * bell((Float(index) - 5) / 4)
      let neckHeight: Float = upper ? -41 - curve : -58.5 - curve + (1 - front)
      return Tooth(
        kind: kinds[index],
        neck: Point(radii.x * s, back + radii.y * c, neckHeight)
          + Point(jitter(0.5), jitter(0.5), jitter(0.6)),
        along: tangent / size,
        half: SIMD2(widths[index] / 2 - 0.15, depths[index] / 2),
        crown: crowns[index] * (1 + jitter(0.07)), root: roots[index] * (1 + jitter(0.15)),
        lean: (upper ? upperLeans : lowerLeans)[index] + jitter(0.05), tip: jitter(0.09))
    }
  }

  /// The middle of a tooth's bite on the right (or left), in the frame of its jaw and mirrored to the
  /// right; nil where there is no tooth.
  func bite(side: Int, place: Int) -> Point? {
    let row = (upper ? 0 : 2) + side
    guard dentition.teeth[row] & (1 << UInt8(place)) != 0 else { return nil }
    return rows[side][place].bite(upper: upper)
  }

  func paint(_ probe: ArticulatedPoint, into sample: inout VoxelPaint) {
    let p = upper ? probe.folded : probe.jaw
    guard bounds.contains(p) else { return }
    let row = (upper ? 0 : 2) + probe.side
    let (teeth, implants) = (dentition.teeth[row], dentition.implants[row])
    for (place, tooth) in rows[probe.side].enumerated() {
      let bit = UInt8(1) << UInt8(place)
      guard (teeth | implants) & bit != 0, let q = tooth.local(p, upper: upper) else { continue }
      let name = HeadStructure.tooth(upper: upper, side: probe.side, place: place)
      if teeth & bit == 0 {
        paintImplant(tooth, q, name, into: &sample)
      } else {
        paint(tooth, q, name, into: &sample)
        if dentition.crowns[row] & bit != 0 {
          // A cap of metal.
          let crown = tooth.crownDistance(q)
          sample.tint(max(crown, -crown - 1.5), Tissue.metal)
        } else if dentition.fillings[row] & bit != 0 {
          sample.tint(tooth.fillingDistance(q), Tissue.metal)
        }
      }
    }
  }

  private func paint(
    _ tooth: Tooth, _ q: Point, _ name: HeadStructure, into sample: inout VoxelPaint
  ) {
    let root = tooth.rootDistance(q)
    // A dark line of ligament about the root, then dentine.
    if q.z < -1 { sample.tint(root - 0.3, 500) }
    sample.cover(root, Tissue.dentine, name)
    let crown = tooth.crownDistance(q)
    sample.cover(crown, Tissue.enamel, name)
    sample.tint(crown + (tooth.kind == .molar ? 1.5 : 1.1), Tissue.dentine)
    sample.tint(tooth.pulpDistance(q), Tissue.pulp)
  }

  /// A screw of titanium with a crown of ceramic.
  private func paintImplant(
    _ tooth: Tooth, _ q: Point, _ name: HeadStructure, into sample: inout VoxelPaint
  ) {
    sample.cover(tooth.crownDistance(q), Tissue.enamel, name)
    sample.cover(
      Capsule(Point(0, 0, 1), Point(0, 0, -9.5), 1.9).distance(q), Tissue.metal, name)
  }
}

/// Sine and cosine of an angle in [0, pi/2 + 0.6], by their series: the same bits on every machine.
private func sineAndCosine(_ x: Float) -> (Float, Float) {
  let y = x * x
  let s = x * (1 - y / 6 * (1 - y / 20 * (1 - y / 42 * (1 - y / 72))))
  let c = 1 - y / 2 * (1 - y / 12 * (1 - y / 30 * (1 - y / 56 * (1 - y / 90))))
  return (s, c)
}
