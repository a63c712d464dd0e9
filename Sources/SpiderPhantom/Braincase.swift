import SpiderSupport

/// The surfaces of the braincase: its outer vault, the floor of the cranial cavity and the thickness of
/// the bone between.
struct Braincase: Sendable {
  private let parietal = Ellipsoid(Point(0, -8, 51), Point(68, 85, 69))
  private let temporal = Ellipsoid(Point(0, -10, 28), Point(70, 58, 58))
  private let frontal: Ellipsoid
  private let occipital: Ellipsoid
  private let eminence: Ellipsoid
  private let thickness: Float
  private let unevenness: Float
  private let form: VaultForm

  init(shape: HeadShape) {
    thickness = shape.bone.vaultThickness
    unevenness = shape.bone.unevenness
    form = shape.vault
    frontal = Ellipsoid(Point(0, 33 + shape.forehead, 52), Point(58, 61, 60))
    occipital = Ellipsoid(Point(0, -40 - shape.occiput, 23), Point(56, 50, 53))
    eminence = Ellipsoid(Point(27, -30, 58), Point(42, 46, 46) + shape.eminence)
  }

  /// The distance to the outer surface, as if the braincase were closed below.
  @inline(__always) func vault(_ point: Point) -> Float {
    let p = form.straightened(point)
    var upper = smoothUnion(parietal.distance(p), frontal.distance(p), 14)
    upper = smoothUnion(upper, eminence.distance(p), 14)
    let lower = smoothUnion(temporal.distance(p), occipital.distance(p), 14)
    return smoothUnion(upper, lower, 14)
  }

  /// The bone's thickness, mm: more over the brow, the inion and beside the vertex, less at the temples
  /// and under the cerebellum; `texture` is a random field of unit range.
  @inline(__always) func thickness(_ folded: Point, texture: Float) -> Float {
    let temple =
      bell((folded.z - 26) / 42) * bell((folded.y - 12) / 62) * smoothStep(36, 56, folded.x)
    let inion = bell(folded.x / 22) * bell((folded.y + 88) / 30) * bell((folded.z - 8) / 34)
    let brow = bell(folded.x / 34) * bell((folded.y - 92) / 26) * bell((folded.z - 40) / 26)
    let vertex = smoothStep(55, 105, folded.z) * bell((folded.x - 26) / 44)
    let cerebellar =
      bell((folded.x - 30) / 26) * bell((folded.y + 58) / 36) * smoothStep(8, -12, folded.z)
    let local = 1 - 0.42 * temple - 0.4 * cerebellar + 0.9 * inion + 0.8 * brow + 0.12 * vertex
    return thickness * max(0.3, local + unevenness * texture)
  }

  /// The distance below the floor of the cranial cavity (negative above it), from a height field over
  /// the three cranial fossae: anterior over the orbits, middle beside the sella, posterior around the
  /// foramen magnum.
  @inline(__always) func floor(_ folded: Point) -> Float {
    let rise = height(folded.x, folded.y) - folded.z
    guard rise > -45, rise < 45 else { return rise * 0.7 }
    // Heights become distances through the slope, which is steep at the clivus and lesser wings.
    let slopeY = height(folded.x, folded.y + 1) - height(folded.x, folded.y - 1)
    let slopeX = height(folded.x + 1, folded.y) - height(folded.x - 1, folded.y)
    return rise / (1 + 0.25 * (slopeY * slopeY + slopeX * slopeX)).squareRoot()
  }

  @inline(__always) private func height(_ x: Float, _ y: Float) -> Float {
    let anterior =
      27 + 7 * bell((x - 28) / 26) - 2 * bell(x / 8) + 5 * bell((y - 72) / 30)
      * smoothStep(8, 20, x)
    let sella = 17 - 6 * bell((y - 21) / 9)
    // The roof of the joint's fossa bulges into the middle fossa.
    let joint = 6 * bell((x - 49) / 17) * bell((y - 14) / 15)
    let middle = mix(sella, -1, smoothStep(9, 26, x)) + 12 * smoothStep(44, 62, x) + joint
    let posterior = -25 + 13 * smoothStep(30, 60, x) + 14 * smoothStep(-34, -95, y)
    let ridge = 9 - 0.42 * x
    let back = mix(posterior, middle, smoothStep(ridge - 9, ridge + 9, y))
    return mix(back, anterior, smoothStep(30, 56, y + 4 - 0.18 * abs(x - 24)))
  }
}

/// The deviation of the braincase's form from the nominal one: bends of space that are applied to a point
/// before the nominal vault is measured there. All are gentle, so that distances stay distances.
struct VaultForm: Sendable {
  /// Height of a keel along the vertex, mm; negative for a flat top.
  private let keel: Float
  /// The lean of the forehead's top to the back, mm.
  private let slope: Float
  /// The excess of the vault's width above over that below, as a share.
  private let taper: Float
  /// The flattening of the right back against the left one, mm.
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
