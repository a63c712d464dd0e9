import Foundation

/// Gauss-Legendre quadrature: exact for polynomials up to degree 2 n - 1.
struct GaussLegendre: Sendable {
  /// Places in -1...1 and their weights, whose sum is 2.
  let nodes: [(place: Double, weight: Double)]

  /// The rule of n nodes, the roots of Legendre's polynomial found by Newton's method.
  init(count n: Int) {
    precondition(n > 0, "\(n) nodes")
    nodes = (0..<n).map { i in
      var x = cos(.pi * (Double(i) + 0.75) / (Double(n) + 0.5))
      var slope = 0.0
      for _ in 0..<50 {
        var (p, q) = (1.0, 0.0)
        for k in 1...n {
          (p, q) = ((Double(2 * k - 1) * x * p - Double(k - 1) * q) / Double(k), p)
        }
        slope = Double(n) * (x * p - q) / (x * x - 1)
        let step = p / slope
        x -= step
        if abs(step) < 1e-15 { break }
      }
      return (x, 2 / ((1 - x * x) * slope * slope))
    }
  }

  /// The integral of a function over an interval.
  func integral(from a: Double, to b: Double, _ value: (Double) -> Double) -> Double {
    let (middle, half) = ((a + b) / 2, (b - a) / 2)
    return half * nodes.reduce(0) { $0 + $1.weight * value(middle + half * $1.place) }
  }
}
