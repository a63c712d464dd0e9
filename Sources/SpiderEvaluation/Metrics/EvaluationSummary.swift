import SpiderSupport

/// The metrics of several cases and their means: what `spider evaluate --json` prints.
public struct EvaluationSummary: Codable, Equatable, Sendable {
  /// The cases, one a patient.
  public let cases: [CaseMetrics]
  /// The means.
  public let mean: Means
  /// The meaning of the figures, in one sentence.
  public let convention: String

  /// Averages cases; the bootstrap draws patients from a seed.
  public init(cases: [CaseMetrics], seed: UInt64 = 0) {
    self.cases = cases
    mean = Means(cases: cases, seed: seed)
    convention = Self.convention
  }

  /// The convention of all figures.
  public static let convention =
    "HU clipped to [-1000, 2000], range 3000, 3D, on the candidate's grid; voxels outside the body "
    + "count as -1000 and voxels outside the scan are excluded; SSIM with a 7^3 uniform window and "
    + "sample covariance; *_body over the reference's body, closed and dilated 6 mm; "
    + "psnr_x2ct_convention_db uses the peak 4095 for a range of 2500, which adds 4.29 dB; equal "
    + "volumes have 100 dB; intervals are 95 % bootstrap over patients"

  /// The mean of every metric, under the metric's own name.
  public struct Means: Codable, Equatable, Sendable {
    /// The metrics that are one number.
    public let scalars: [String: MeanMetric]
    /// The metrics that are one number a structure.
    public let byName: [String: [String: MeanMetric]]

    init(cases: [CaseMetrics], seed: UInt64) {
      // Every metric draws the same patients.
      let generator = SeededGenerator(seed: seed)
      var scalars: [String: MeanMetric] = [:]
      for (key, path) in CaseMetrics.scalars {
        scalars[key.rawValue] = MeanMetric(cases.map { $0[keyPath: path] }, generator: generator)
      }
      var byName: [String: [String: MeanMetric]] = [:]
      for (key, path) in CaseMetrics.byName {
        let names = Set(cases.flatMap { $0[keyPath: path].keys })
        byName[key.rawValue] = Dictionary(
          uniqueKeysWithValues: names.map { name in
            let values = cases.map { ($0[keyPath: path][name] ?? nil) as Double? }
            return (name, MeanMetric(values, generator: generator))
          })
      }
      self.scalars = scalars
      self.byName = byName
    }

    /// The mean of a metric that is one number, by its name in JSON.
    public subscript(_ metric: CaseMetrics.CodingKeys) -> MeanMetric? { scalars[metric.rawValue] }

    /// The mean of a metric of a structure, by their names in JSON.
    public subscript(_ metric: CaseMetrics.CodingKeys, _ structure: String) -> MeanMetric? {
      byName[metric.rawValue]?[structure]
    }

    /// Reads both kinds from one object.
    public init(from decoder: any Decoder) throws {
      let container = try decoder.container(keyedBy: CaseMetrics.CodingKeys.self)
      var scalars: [String: MeanMetric] = [:]
      var byName: [String: [String: MeanMetric]] = [:]
      for (key, _) in CaseMetrics.scalars {
        scalars[key.rawValue] = try container.decode(MeanMetric.self, forKey: key)
      }
      for (key, _) in CaseMetrics.byName {
        byName[key.rawValue] = try container.decode([String: MeanMetric].self, forKey: key)
      }
      self.scalars = scalars
      self.byName = byName
    }

    /// Writes both kinds into one object.
    public func encode(to encoder: any Encoder) throws {
      var container = encoder.container(keyedBy: CaseMetrics.CodingKeys.self)
      for (key, _) in CaseMetrics.scalars {
        try container.encode(scalars[key.rawValue], forKey: key)
      }
      for (key, _) in CaseMetrics.byName {
        try container.encode(byName[key.rawValue], forKey: key)
      }
    }
  }
}

/// The mean of a metric over cases with its 95 % bootstrap interval.
public struct MeanMetric: Codable, Equatable, Sendable {
  /// The mean over the cases that have the metric; nil when none has.
  public var value: Double?
  /// The lower end of the interval; nil below 8 cases.
  public var low: Double?
  /// The upper end of the interval; nil below 8 cases.
  public var high: Double?
  /// The number of cases that have the metric. The others (an empty set, no labels) are left out of the mean.
  public var cases: Int

  /// The number of cases that an interval needs.
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
