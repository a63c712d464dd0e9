import SpiderSupport

/// The joint spaces of one head, where they are not the usual 2 mm that the skull stays clear of the lower jaw
/// (``Cranium``; ``Face`` half a millimetre less).
///
/// A wider one is a condyle that sits lower in the same fossa: thinning the skull would open its thin roof. In a
/// narrower one the skull comes nearer to the condyle.
struct JointSpace: Sendable {
  private static let usual: Float = 2
  /// Below, skull and jaw grow together; above, the condyle's neck is all gone.
  private static let limits: ClosedRange<Double> = 0.5...8
  /// How much lower the condyles sit, and how much nearer the skull comes, right and left, mm.
  private let drops: SIMD2<Float>
  private let approaches: SIMD2<Float>

  /// Draws the spaces of both sides, mm.
  init(seed: UInt64, range: ClosedRange<Double>) {
    precondition(
      Self.limits.contains(range.lowerBound) && Self.limits.contains(range.upperBound),
      "a joint space of \(range) mm; it must be within \(Self.limits)")
    var generator = SeededGenerator(seed: seed).fork(23)
    let right = generator.uniform(in: range)
    let left = generator.uniform(in: range)
    let excess = SIMD2(Float(right), Float(left)) - Self.usual
    drops = pointwiseMax(excess, .zero)
    approaches = pointwiseMax(-excess, .zero)
  }

  /// All of the condyle, nothing of the coronoid process, less and less of the neck.
  @inline(__always) private func share(_ p: Point) -> Float {
    smoothStep(30, 38, p.x) * smoothStep(30, 22, p.y) * smoothStep(-34, -8, p.z)
  }

  /// How much lower the condyle of a side sits, mm.
  @inline(__always) func drop(_ probe: ArticulatedPoint) -> Float { drops[probe.side] }

  /// How much nearer than usual the skull comes to the jaw here, mm.
  @inline(__always) func approach(_ probe: ArticulatedPoint) -> Float {
    let most = approaches[probe.side]
    return most > 0 ? most * share(probe.jaw) : 0
  }

  /// The point of the usual jaw that lies here.
  @inline(__always) func raised(_ probe: ArticulatedPoint) -> Point {
    var p = probe.jaw
    let drop = drops[probe.side]
    if drop > 0 { p.z += drop * share(p) }
    return p
  }
}
