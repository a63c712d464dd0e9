import SpiderSupport

/// The mean of a metric over cases with its 95 % bootstrap interval.
public struct MeanMetric: Codable, Equatable, Sendable {
  /// The mean over the cases that have the metric; nil when none has.
  public var value: Double?
  /// The lower end of the interval; nil below 8 cases.
  public var low: Double?
  /// The upper end of the interval; nil below 8 cases.
  public var high: Double?
  /// How many cases have the metric. The others (an empty set, no labels) are left out of the mean.
  public var cases: Int

  /// How many cases an interval needs.
  public static let fewestCases = 8

  /// Averages the values that there are. The interval is that of the percentiles of the means of
  /// `resamples` draws of as many cases with replacement.
  public init(_ values: [Double?], generator: SeededGenerator, resamples: Int = 2000) {
    let present = values.compactMap { $0 }
    cases = present.count
    guard !present.isEmpty else { return }
    value = present.reduce(0, +) / Double(present.count)
    guard present.count >= Self.fewestCases else { return }
    var generator = generator
    let means = (0..<resamples).map { _ in
      var sum = 0.0
      for _ in present.indices { sum += present[generator.index(below: present.count)] }
      return sum / Double(present.count)
    }.sorted()
    func percentile(_ share: Double) -> Double {
      means[Int((share * Double(means.count - 1)).rounded())]
    }
    low = percentile(0.025)
    high = percentile(0.975)
  }

  /// Writes every key; what is nil becomes null.
  public func encode(to encoder: any Encoder) throws {
    var container = encoder.container(keyedBy: CodingKeys.self)
    try container.encode(value, forKey: .value)
    try container.encode(low, forKey: .low)
    try container.encode(high, forKey: .high)
    try container.encode(cases, forKey: .cases)
  }
}
