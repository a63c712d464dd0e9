import SpiderCore
import SpiderSupport

/// The scores of a method on all patients of a comparison.
public struct MethodScore: Codable, Sendable {
  /// The method's name.
  public var name: String
  /// Every patient's metrics and their means, as `spider evaluate` gives them.
  public var evaluate: EvaluationSummary
  /// The same means over phantoms only; nil where there are none.
  public var phantoms: EvaluationSummary.Means?
  /// The same over real patients only.
  public var real: EvaluationSummary.Means?
  /// Mean seconds from X-rays to volume.
  public var seconds: Double
  /// The most memory that the program had while the method worked, bytes; nil where the system does not
  /// say.
  public var peakMemory: Int?
  /// The course of its training, where that is known.
  public var curve: LearningCurve?
  /// Growth of the validation figure in the last quarter of the training, dB; nil where that is not
  /// known.
  public var lateGain: Double?
  /// Whether it converged, and beats `mean-volume` and `two-view`: a lead over any other is no lead. Nil
  /// where that cannot be told.
  public var isFairRival: Bool?

  enum CodingKeys: String, CodingKey {
    case name, evaluate, phantoms, real, seconds
    case peakMemory = "peak_memory_bytes"
    case curve = "learning_curve"
    case lateGain = "late_gain_db"
    case isFairRival = "fair_rival"
  }

  init(
    name: String, cases: [CaseMetrics], real: Set<String>, seconds: Double, peakMemory: Int?,
    curve: LearningCurve?
  ) {
    func means(_ isReal: Bool) -> EvaluationSummary.Means? {
      let part = cases.filter { real.contains($0.id) == isReal }
      return part.isEmpty ? nil : EvaluationSummary(cases: part).mean
    }
    self.name = name
    evaluate = EvaluationSummary(cases: cases)
    phantoms = means(false)
    self.real = means(true)
    self.seconds = seconds
    self.peakMemory = peakMemory
    self.curve = curve
    lateGain = curve?.lateGain
  }

  /// Writes every key; what is nil becomes null.
  public func encode(to encoder: any Encoder) throws {
    var container = encoder.container(keyedBy: CodingKeys.self)
    try container.encode(name, forKey: .name)
    try container.encode(evaluate, forKey: .evaluate)
    try container.encode(phantoms, forKey: .phantoms)
    try container.encode(real, forKey: .real)
    try container.encode(seconds, forKey: .seconds)
    try container.encode(peakMemory, forKey: .peakMemory)
    try container.encode(curve, forKey: .curve)
    try container.encode(lateGain, forKey: .lateGain)
    try container.encode(isFairRival, forKey: .isFairRival)
  }
}

/// The lead of one method over another on the same patients: means of the patients'
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
