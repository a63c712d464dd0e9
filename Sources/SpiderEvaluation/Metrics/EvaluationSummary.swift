import SpiderSupport

/// The metrics of several cases and their means: what `spider evaluate --json` prints.
public struct EvaluationSummary: Codable, Equatable, Sendable {
  /// The cases, one a patient.
  public let cases: [CaseMetrics]
  /// The means.
  public let mean: Means
  /// What the figures mean, in one sentence.
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
