import SpiderSupport

/// Smooth random fields: functions of position and seed alone, so that every grid sees the same head.
struct Noise: Sendable {
  private let seed: UInt32

  init(seed: UInt64) { self.seed = UInt32(truncatingIfNeeded: seed ^ (seed >> 32)) }

  /// Value noise in [-1, 1] with features of about `size` mm: random numbers at the corners of a
  /// lattice, blended with cubic weights.
  @inline(__always) func value(_ p: Point, size: Float, channel: UInt32 = 0) -> Float {
    let q = p / size
    let floor = Point(q.x.rounded(.down), q.y.rounded(.down), q.z.rounded(.down))
    let f = q - floor
    let t = f * f * (3 - 2 * f)
    let i = UInt32(bitPattern: Int32(floor.x))
    let j = UInt32(bitPattern: Int32(floor.y))
    let k = UInt32(bitPattern: Int32(floor.z))
    let base = seed &+ channel &* 0x9E37_79B9
    let x0 = i &* 0x8DA6_B343
    let x1 = x0 &+ 0x8DA6_B343
    let y0 = j &* 0xD816_3841
    let y1 = y0 &+ 0xD816_3841
    let z0 = base &+ k &* 0xCB1A_B31F
    let z1 = z0 &+ 0xCB1A_B31F
    let a = mix(corner(x0 &+ y0 &+ z0), corner(x1 &+ y0 &+ z0), t.x)
    let b = mix(corner(x0 &+ y1 &+ z0), corner(x1 &+ y1 &+ z0), t.x)
    let c = mix(corner(x0 &+ y0 &+ z1), corner(x1 &+ y0 &+ z1), t.x)
    let d = mix(corner(x0 &+ y1 &+ z1), corner(x1 &+ y1 &+ z1), t.x)
    return mix(mix(a, b, t.y), mix(c, d, t.y), t.z)
  }

  /// The distance (mm) to the nearest wall of a lattice of bent cells, for air cells in bone.
  @inline(__always) func cellWall(_ p: Point, size: Float) -> Float {
    let bend = size * 0.6
    // Turned against the axes, so that no X-ray looks along the walls.
    let turned = Point(
      0.64 * p.x + 0.48 * p.y - 0.6 * p.z, -0.6 * p.x + 0.8 * p.y,
      0.48 * p.x + 0.36 * p.y + 0.8 * p.z)
    let q =
      (turned
        + Point(
          value(p, size: size * 1.5, channel: 11), value(p, size: size * 1.5, channel: 12),
          value(p, size: size * 1.5, channel: 13)) * bend) / size
    let f = q - Point(q.x.rounded(.down), q.y.rounded(.down), q.z.rounded(.down)) - 0.5
    return (0.5 - max(abs(f.x), max(abs(f.y), abs(f.z)))) * size
  }

  @inline(__always) private func corner(_ key: UInt32) -> Float {
    var h = key
    h = (h ^ (h >> 16)) &* 0x7FEB_352D
    h = (h ^ (h >> 15)) &* 0x846C_A68B
    h ^= h >> 16
    return Float(h) * (2 / 4_294_967_296) - 1
  }
}

/// The scanner's effects: edges blurred by kernel and slices, and noise.
struct Scanner: Sendable {
  /// The width over which an edge is blurred, mm.
  let blur: Float
  /// Standard deviation of the noise in voxels of 1 mm, HU.
  private let noise: Float
  private let field: Noise

  /// The correlation length of the noise, mm.
  private static let grain: Float = 1.8
  /// Standard deviation of the field that noise is made of.
  private static let fieldDeviation: Float = 0.35

  /// Head protocols give 3 to 18 HU in the brain in slices of a millimetre or a few.
  /// Edges are blurred over widths of a range, mostly near its lower end.
  init(seed: UInt64, blur range: ClosedRange<Double>, field: Noise) {
    var generator = SeededGenerator(seed: seed).fork(10)
    func draw(_ low: Double, _ high: Double) -> Float {
      Float(generator.uniform(in: low...high))
    }
    let excess = generator.uniform() * generator.uniform()
    blur = Float(range.lowerBound + (range.upperBound - range.lowerBound) * excess)
    noise = draw(3, 18)
    self.field = field
  }

  /// The noise at a world point in voxels of a size, HU: averaged away in large ones.
  @inline(__always) func noise(at world: Point, voxel: Float) -> Float {
    let kept = min(1, Self.grain / voxel)
    return field.value(world, size: Self.grain, channel: 40) * noise / Self.fieldDeviation
      * (kept * kept.squareRoot())
  }
}
