/// A rising curve from the greys of a picture to line integrals, fitted to pairs of them: what a film's tone,
/// a hardened beam or a wrong scale did, undone as far as one number a grey can undo it.
///
/// Greys are put into classes of about equal number; a class's line integral is the median of its pairs, which
/// regions that the volume has wrong do not move; and what falls is levelled (pool adjacent violators:
/// M. Ayer et al., Ann. Math. Stat. 26 (1955) 641). Between classes the curve is straight, beyond the outer ones
/// level.
package struct FittedTone {
  /// The fewest pairs in a class.
  private static let fewest = 20

  /// Greys and line integrals of the classes, rising.
  private let greys: [Float]
  private let integrals: [Float]

  /// Fits the curve; nil where the greys are too few or all alike.
  ///
  /// - Parameter count: into how many classes the greys are put.
  package init?(_ pairs: [(grey: Float, integral: Float)], classes count: Int = 16) {
    let pairs = pairs.filter { $0.grey.isFinite && $0.integral.isFinite }.sorted {
      $0.grey < $1.grey
    }
    var classes: [(grey: Float, integral: Float, count: Double)] = []
    var start = 0
    for number in 1...count {
      // Equal greys stay together.
      var end = pairs.count * number / count
      while end > start, end < pairs.count, pairs[end].grey == pairs[end - 1].grey { end += 1 }
      guard end - start >= Self.fewest else { continue }
      let part = pairs[start..<end]
      let integrals = part.map(\.integral).sorted()
      classes.append(
        (part[start + part.count / 2].grey, integrals[part.count / 2], Double(part.count)))
      start = end
    }
    guard classes.count > 1 else { return nil }
    greys = classes.map(\.grey)
    integrals = Self.rising(classes.map { (Double($0.integral), $0.count) }).map(Float.init)
  }

  /// The line integral of a grey.
  package func callAsFunction(_ grey: Float) -> Float {
    guard let above = greys.firstIndex(where: { $0 > grey }) else {
      return integrals[integrals.count - 1]
    }
    guard above > 0 else { return integrals[0] }
    let share = (grey - greys[above - 1]) / (greys[above] - greys[above - 1])
    return integrals[above - 1] + share * (integrals[above] - integrals[above - 1])
  }

  /// The rising values nearest to others in weighted least squares.
  package static func rising(_ values: [(value: Double, weight: Double)]) -> [Double] {
    var pools: [(value: Double, weight: Double, count: Int)] = []
    for value in values {
      pools.append((value.value, value.weight, 1))
      while pools.count > 1, pools[pools.count - 2].value > pools[pools.count - 1].value {
        let (last, before) = (pools.removeLast(), pools.removeLast())
        let weight = last.weight + before.weight
        let mean = (last.value * last.weight + before.value * before.weight) / weight
        pools.append((mean, weight, last.count + before.count))
      }
    }
    return pools.flatMap { Array(repeating: $0.value, count: $0.count) }
  }
}
