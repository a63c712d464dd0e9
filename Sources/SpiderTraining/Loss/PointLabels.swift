import SpiderCore

/// What is known of some points: their labels, and how much each of them counts.
package struct PointLabels: Sendable {
  let labels: ArraySlice<UInt8>
  /// As many, or none: then all points count alike.
  let weights: ArraySlice<Float>

  /// Labels, with as many weights or none.
  package init(_ labels: [UInt8], weights: [Float] = []) {
    precondition(
      weights.isEmpty || weights.count == labels.count,
      "\(weights.count) weights for \(labels.count) labels")
    self.init(labels[...], weights[...])
  }

  private init(_ labels: ArraySlice<UInt8>, _ weights: ArraySlice<Float>) {
    (self.labels, self.weights) = (labels, weights)
  }

  /// Points.
  package var count: Int { labels.count }

  /// Some of the points.
  subscript(range: Range<Int>) -> PointLabels {
    PointLabels(labels[range], weights.isEmpty ? weights : weights[range])
  }

  /// The weight of all points with certain labels; without weights, their number.
  func weight(_ counts: (UInt8) -> Bool) -> Double {
    guard !weights.isEmpty else { return Double(labels.count(where: counts)) }
    return zip(labels, weights).reduce(0) { counts($1.0) ? $0 + Double($1.1) : $0 }
  }
}
