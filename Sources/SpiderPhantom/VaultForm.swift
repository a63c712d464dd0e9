import SpiderSupport

/// How the braincase's form departs from the nominal one: bends of space that are applied to a point
/// before the nominal vault is measured there. All are gentle, so that distances stay distances.
struct VaultForm: Sendable {
  /// Height of a keel along the vertex, mm; negative for a flat top.
  private let keel: Float
  /// How far the forehead's top leans back, mm.
  private let slope: Float
  /// How much wider the vault is above than below, as a share.
  private let taper: Float
  /// How far the right back is flatter than the left one, mm.
  private let flatness: Float
  /// Height of the back of the vertex against its front, mm.
  private let tilt: Float
  /// Depth of the hollow behind the coronal suture, mm.
  private let saddle: Float

  init(_ generator: inout SeededGenerator) {
    func draw(_ low: Double, _ high: Double) -> Float {
      Float(generator.uniform(in: low...high))
    }
    keel = draw(-1.5, 3.6)
    slope = draw(-6, 11)
    taper = draw(-0.05, 0.06)
    flatness = draw(-4, 4)
    tilt = draw(-6, 6)
    saddle = draw(0, 2.2)
  }

  /// The point of the nominal vault that lies at `p` (the right half and the left half differ).
  @inline(__always) func straightened(_ p: Point) -> Point {
    let high = smoothStep(35, 115, p.z)
    let x = abs(p.x)
    let rise =
      keel * bell(x / 34) + tilt * clamp(-p.y, -70, 70) * (1 / 70)
      - saddle * bell((p.y - 2) / 24) * bell(x / 50)
    let lean = slope * smoothStep(10, 75, p.y)
    let back = smoothStep(-30, -85, p.y) * flatness * clamp(p.x * (1 / 50), -1, 1)
    return Point(
      x * (1 - taper * clamp((p.z - 45) * (1 / 70), -1, 1)),
      p.y + lean * high - back,
      p.z - rise * high)
  }
}
