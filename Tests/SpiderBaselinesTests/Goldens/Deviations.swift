import SpiderCore
import SpiderTensor

/// Compares numbers of one golden set with ours: what falls short is a list of findings, and the largest
/// deviation is kept. It records no issue itself, so its own tests can look at what it finds.
struct Deviations {
  /// Something that is not as the golden set has it.
  enum Finding: Equatable, CustomStringConvertible {
    case missing(String)
    case otherShape(String, ours: [Int], golden: [Int])
    case tooFar(String, by: Double, allowed: Double)
    case fault(String)

    var description: String {
      switch self {
      case .missing(let what): "\(what) is not computed"
      case .otherShape(let what, let ours, let golden):
        "\(what) has shape \(ours), golden \(golden)"
      case .tooFar(let what, let error, let allowed):
        "\(what) deviates by \(error), allowed are \(allowed)"
      case .fault(let text): text
      }
    }
  }

  let set: String
  private(set) var compared = 0
  private var noted: [Finding] = []
  private var worst = (share: -1.0, deviation: 0.0, allowed: 0.0, what: "")

  init(_ set: GoldenSet) { self.set = set.name }

  /// What falls short; a set in which nothing was compared does.
  var findings: [Finding] {
    compared == 0 && noted.isEmpty ? [.fault("nothing to compare")] : noted
  }

  /// The set's name with its largest deviation, or with all that falls short.
  var summary: String {
    guard findings.isEmpty else {
      return "golden \(set): " + findings.map(\.description).joined(separator: "; ")
    }
    return "golden \(set): largest deviation \(worst.deviation) of \(worst.allowed) allowed "
      + "(\(worst.what)), \(compared) comparisons"
  }

  /// All numbers must be within `atol` of the golden ones.
  mutating func compare(_ ours: Tensor?, _ golden: Tensor, atol: Double, _ what: String) {
    guard let ours else { return noted.append(.missing(what)) }
    guard ours.shape == golden.shape else {
      return noted.append(.otherShape(what, ours: ours.shape, golden: golden.shape))
    }
    let (a, b) = (ours.values, golden.values)
    var largest = 0.0
    for index in a.indices {
      let error = abs(Double(a[index]) - Double(b[index]))
      largest = error.isNaN ? .infinity : max(largest, error)
    }
    note(largest, allowed: atol, what)
  }

  /// Two numbers must agree.
  mutating func compare(
    _ ours: Double?, _ golden: Double, atol: Double = 0, rtol: Double = 0, _ what: String
  ) {
    guard let ours else { return noted.append(.missing(what)) }
    let error = abs(ours - golden)
    note(error.isNaN ? .infinity : error, allowed: atol + rtol * abs(golden), what)
  }

  /// Takes down a deviation and what is allowed.
  mutating func note(_ deviation: Double, allowed: Double, _ what: String) {
    compared += 1
    if !(deviation <= allowed) { noted.append(.tooFar(what, by: deviation, allowed: allowed)) }
    let share = deviation / allowed
    if !(share <= worst.share) { worst = (share, deviation, allowed, what) }
  }

  /// Something else must hold.
  mutating func require(_ condition: Bool, _ otherwise: @autoclosure () -> String) {
    if !condition { noted.append(.fault(otherwise())) }
  }
}
