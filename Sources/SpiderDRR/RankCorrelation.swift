/// Spearman's rank correlation: that of the places of two lists' numbers in ascending order, equal numbers sharing
/// the mean of their places.
package enum RankCorrelation {
  /// The correlation, -1 to 1; nil where a list has no two different numbers.
  package static func of(_ x: [Float], _ y: [Float]) -> Double? {
    precondition(x.count == y.count, "\(x.count) numbers against \(y.count)")
    let (a, b) = (ranks(of: x), ranks(of: y))
    // Places sum to n (n - 1) / 2, ties or not.
    let mean = Double(x.count - 1) / 2
    var (aa, bb, ab) = (0.0, 0.0, 0.0)
    for (p, q) in zip(a, b) {
      aa += (p - mean) * (p - mean)
      bb += (q - mean) * (q - mean)
      ab += (p - mean) * (q - mean)
    }
    guard aa > 0, bb > 0 else { return nil }
    return ab / (aa * bb).squareRoot()
  }

  private static func ranks(of values: [Float]) -> [Double] {
    let order = values.indices.sorted { values[$0] < values[$1] }
    var ranks = [Double](repeating: 0, count: values.count)
    var start = 0
    while start < order.count {
      var end = start + 1
      while end < order.count, values[order[end]] == values[order[start]] { end += 1 }
      for place in start..<end { ranks[order[place]] = Double(start + end - 1) / 2 }
      start = end
    }
    return ranks
  }
}
