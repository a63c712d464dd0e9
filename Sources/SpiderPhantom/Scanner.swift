import SpiderSupport

/// What the scanner adds: edges blurred by kernel and slices, and noise.
struct Scanner: Sendable {
  /// The width over which an edge is blurred, mm.
  let blur: Float
  /// Standard deviation of the noise in voxels of 1 mm, HU.
  private let noise: Float
  private let field: Noise

  /// How far noise reaches from voxel to voxel, mm.
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
