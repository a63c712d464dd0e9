import SpiderCore
import SpiderTensor
import Testing

/// Compares numbers of one golden set with ours and keeps the largest deviation.
struct Deviations {
  let set: String
  private(set) var compared = 0
  private var worst = (share: -1.0, deviation: 0.0, allowed: 0.0, what: "")

  init(_ set: GoldenSet) { self.set = set.name }

  /// Expects all numbers within `atol` of the golden ones.
  mutating func compare(_ ours: Tensor?, _ golden: Tensor, atol: Double, _ what: String) {
    guard let ours else {
      Issue.record("\(set): \(what) is not computed")
      return
    }
    guard ours.shape == golden.shape else {
      Issue.record("\(set): \(what) has shape \(ours.shape), golden \(golden.shape)")
      return
    }
    let (a, b) = (ours.values, golden.values)
    var largest = 0.0
    for index in a.indices {
      let error = abs(Double(a[index]) - Double(b[index]))
      largest = error.isNaN ? .infinity : max(largest, error)
    }
    note(largest, allowed: atol, what)
  }

  /// Expects two numbers to agree.
  mutating func compare(
    _ ours: Double?, _ golden: Double, atol: Double = 0, rtol: Double = 0, _ what: String
  ) {
    guard let ours else {
      Issue.record("\(set): \(what) is not computed")
      return
    }
    let error = abs(ours - golden)
    note(error.isNaN ? .infinity : error, allowed: atol + rtol * abs(golden), what)
  }

  /// Takes down a deviation and what is allowed.
  mutating func note(_ deviation: Double, allowed: Double, _ what: String) {
    compared += 1
    if !(deviation <= allowed) {
      Issue.record("\(set): \(what) deviates by \(deviation), allowed are \(allowed)")
    }
    let share = deviation / allowed
    if !(share <= worst.share) { worst = (share, deviation, allowed, what) }
  }

  /// Prints the set's name with its largest deviation; a set in which nothing was compared fails.
  func report() {
    guard compared > 0 else {
      Issue.record("\(set): nothing to compare")
      return
    }
    print(
      "golden \(set): largest deviation \(worst.deviation) of \(worst.allowed) allowed (\(worst.what)), "
        + "\(compared) comparisons")
  }
}
