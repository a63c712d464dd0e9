import SpiderCore

/// How a method fared on all patients of a comparison.
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
  /// How its training went, where that is known.
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
