import SpiderCore
import SpiderSupport

/// By how much one method is better than another on the same patients: means of the patients'
/// differences, with 95 % bootstrap intervals over patients.
public struct PairedDifference: Codable, Sendable {
  /// Which patients.
  public enum Group: String, Codable, CaseIterable, Sendable { case phantoms, real }

  /// The first method.
  public var first: String
  /// The second.
  public var second: String
  /// The patients.
  public var group: Group
  /// Mean of first minus second of each metric, under its name.
  public var metrics: [String: MeanMetric]

  init(_ first: MethodScore, _ second: MethodScore, _ group: Group, ids: Set<String>) {
    self.first = first.name
    self.second = second.name
    self.group = group
    let others = Dictionary(
      second.evaluate.cases.map { ($0.id, $0) }, uniquingKeysWith: { a, _ in a })
    let pairs = first.evaluate.cases.filter { ids.contains($0.id) }.compactMap { mine in
      others[mine.id].map { (mine, $0) }
    }
    metrics = Dictionary(
      uniqueKeysWithValues: ComparedMetric.allCases.map { metric in
        let differences = pairs.map { mine, other -> Double? in
          guard let a = metric.value(of: mine), let b = metric.value(of: other) else { return nil }
          return a - b
        }
        return (
          metric.rawValue, MeanMetric(differences, generator: SeededGenerator(seed: 0))
        )
      })
  }

  /// The difference of a metric.
  public subscript(_ metric: ComparedMetric) -> MeanMetric? { metrics[metric.rawValue] }

  /// Whether the first is better (true) or worse (false) beyond the interval; nil within it, or with too
  /// few patients for one.
  public func isBetter(by metric: ComparedMetric) -> Bool? {
    guard let difference = self[metric], let low = difference.low, let high = difference.high
    else { return nil }
    if low > 0 { return metric.isGain }
    if high < 0 { return !metric.isGain }
    return nil
  }
}
