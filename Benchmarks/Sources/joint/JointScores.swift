import Foundation
import SpiderCore
import SpiderEvaluation

/// What a way of answering made of every joint.
struct JointScores {
  /// How the answers came about.
  let name: String
  /// The joints of each phantom, right and left.
  var phantoms: [[JointFigures]] = []

  /// All joints.
  var joints: [JointFigures] { phantoms.flatMap { $0 } }
  /// Whether there are labels to judge.
  var isLabelled: Bool { joints.allSatisfy { $0.labelled != nil } }

  /// The mean over phantoms of their joints' mean figure, of those that have it. The interval draws phantoms, since the
  /// joints of one head are alike.
  func mean(_ figure: (JointFigures) -> Double?, digits: Int) -> String {
    let means = phantoms.map { joints in
      let values = joints.compactMap(figure)
      return values.isEmpty ? nil : values.reduce(0, +) / Double(values.count)
    }
    let mean = MeanMetric(means, generator: SeededGenerator(seed: 1))
    func text(_ value: Double?) -> String {
      value.map { String(format: "%.\(digits)f", $0) } ?? "-"
    }
    guard mean.low != nil else { return text(mean.value) }
    return "\(text(mean.value)) (\(text(mean.low)) to \(text(mean.high)))"
  }

  /// How a width follows the true joint space over the joints that have it (Pearson); nil where one of them never
  /// changes.
  func correlation(_ width: (JointFigures) -> Double?) -> String {
    let pairs = joints.compactMap { joint in width(joint).map { (x: joint.trueSpace, y: $0) } }
    let count = Double(pairs.count)
    let middle = (
      x: pairs.reduce(0) { $0 + $1.x } / count, y: pairs.reduce(0) { $0 + $1.y } / count
    )
    var (xx, yy, xy) = (0.0, 0.0, 0.0)
    for pair in pairs {
      let (x, y) = (pair.x - middle.x, pair.y - middle.y)
      (xx, yy, xy) = (xx + x * x, yy + y * y, xy + x * y)
    }
    // A constant's deviations are rounding.
    return min(xx, yy) > 1e-9 ? String(format: "%.2f", xy / (xx * yy).squareRoot()) : "-"
  }
}
