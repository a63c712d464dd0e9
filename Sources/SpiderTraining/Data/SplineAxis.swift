/// One axis of a cubic B-spline: the weights of its control points at the nodes of a lattice that spans
/// the same length.
struct SplineAxis {
  /// Control points; one lies before the first node and one behind the last.
  let controlPoints: Int
  /// Of each node the first of the four control points that count, and their weights.
  private let taps: [(first: Int, weights: SIMD4<Float>)]

  /// An axis of a length in mm, with control points about `spacing` apart.
  init(extent: Double, spacing: Double, nodes: Int) {
    let cells = Int(max(1, min(64, (extent / spacing).rounded())))
    controlPoints = cells + 3
    taps = (0..<nodes).map { node in
      let place = Double(node * cells) / Double(nodes - 1)
      let first = min(cells - 1, Int(place))
      let t = place - Double(first)
      let weights = SIMD4(
        (1 - t) * (1 - t) * (1 - t), (3 * t - 6) * t * t + 4, ((3 - 3 * t) * t + 3) * t + 1,
        t * t * t)
      return (first, SIMD4<Float>(weights / 6))
    }
  }

  /// The spline's values on the lattice, x fastest, from coefficients in the same order.
  static func evaluate(_ coefficients: [Float], _ axes: [SplineAxis]) -> [Float] {
    // One axis after the other, each turned to the front: (z, y, x) to (x', z, y) and so on.
    var values = coefficients
    for axis in axes {
      let rows = values.count / axis.controlPoints
      var next = [Float](repeating: 0, count: rows * axis.taps.count)
      for row in 0..<rows {
        let start = row * axis.controlPoints
        for (node, tap) in axis.taps.enumerated() {
          let at = start + tap.first
          let weights = tap.weights
          next[node * rows + row] =
            weights[0] * values[at] + weights[1] * values[at + 1] + weights[2] * values[at + 2]
            + weights[3] * values[at + 3]
        }
      }
      values = next
    }
    return values
  }
}
