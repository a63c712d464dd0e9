import Foundation
import SpiderImaging

/// How far the figures derived from a model's labels may be off: for each the half width of an interval that holds the
/// true figure of ``coverage`` of new patients, those like the ones it was calibrated with.
///
/// Split conformal calibration (V. Vovk, A. Gammerman and G. Shafer, Algorithmic Learning in a Random World, 2005;
/// A. Angelopoulos and S. Bates, arXiv 2107.07511): the half width is the score of rank ceil((n + 1) 0.9) among those
/// of n patients that the model has not learned from. A volume's score is |log(truth / answer)|, a distance's
/// |truth - answer| in mm. It rests on no law of the errors, only on the patients being exchangeable; with fewer than 9
/// there is no such rank, and no interval.
public struct MeasurementIntervals: Equatable, Sendable {
  /// The share of new patients whose true figure an interval holds.
  public static let coverage = 0.9

  /// The width of one figure's intervals.
  public struct Width: Codable, Equatable, Sendable {
    /// Half of it: of a volume |log ratio|, of a distance mm. nil: no interval can be given.
    public var halfWidth: Double?
    /// How many patients it rests on.
    public var patients: Int

    /// States a width.
    public init(halfWidth: Double?, patients: Int) {
      (self.halfWidth, self.patients) = (halfWidth, patients)
    }

    enum CodingKeys: String, CodingKey {
      case halfWidth = "half_width"
      case patients
    }
  }

  /// The widths by figure; what is missing was not calibrated.
  public var widths: [HeadMeasurement: Width]
  /// How many X-rays the answers were made of by which they were calibrated.
  public var radiographs: Int

  /// States widths.
  public init(widths: [HeadMeasurement: Width], radiographs: Int) {
    (self.widths, self.radiographs) = (widths, radiographs)
  }

  /// The interval about an answered figure, in its unit; nil where none can be given.
  public func interval(about value: Double, of figure: HeadMeasurement) -> ClosedRange<Double>? {
    guard let half = widths[figure]?.halfWidth, value.isFinite, value > 0 else { return nil }
    return figure.isVolume
      ? value * exp(-half)...value * exp(half) : max(0, value - half)...(value + half)
  }

  /// The half width that n scores of patients give: that of rank ceil((n + 1) coverage), in ascending order; nil where
  /// there are too few, or where that score is infinite.
  public static func halfWidth(of scores: [Double]) -> Double? {
    // A hair less, so that 9 of 10 is 9 in spite of rounding.
    let rank = Int((Double(scores.count + 1) * coverage - 1e-9).rounded(.up))
    guard rank <= scores.count else { return nil }
    let half = scores.sorted()[rank - 1]
    return half.isFinite ? half : nil
  }

  /// The fewest patients that give an interval.
  public static let fewestPatients = 9

  /// The largest half widths that mean something: a factor of 150, and the size of a head in mm.
  package static func limit(_ figure: HeadMeasurement) -> Double { figure.isVolume ? 5 : 250 }

  /// The reason why these cannot be a model's intervals, or nil: for numbers that come from a file.
  package var fault: String? {
    guard (1...64).contains(radiographs) else {
      return "intervals calibrated with \(radiographs) X-rays"
    }
    for figure in HeadMeasurement.allCases {
      guard let width = widths[figure] else { continue }
      guard (0...1_000_000).contains(width.patients) else {
        return "an interval of \(figure.rawValue) from \(width.patients) patients"
      }
      guard let half = width.halfWidth else { continue }
      guard width.patients >= Self.fewestPatients else {
        return "an interval of \(figure.rawValue) from \(width.patients) patients; it takes "
          + "\(Self.fewestPatients)"
      }
      guard half >= 0, half <= Self.limit(figure) else {
        return
          "a half width of \(figure.rawValue) of \(half); it must be 0 to \(Self.limit(figure))"
      }
    }
    return nil
  }
}

extension MeasurementIntervals: Codable {
  private enum CodingKeys: String, CodingKey { case coverage, radiographs, widths }

  /// Reads widths by the names of their figures.
  public init(from decoder: any Decoder) throws {
    let container = try decoder.container(keyedBy: CodingKeys.self)
    func refuse(_ key: CodingKeys, _ fault: String) -> DecodingError {
      .dataCorruptedError(forKey: key, in: container, debugDescription: fault)
    }
    let coverage = try container.decode(Double.self, forKey: .coverage)
    guard coverage == Self.coverage else {
      throw refuse(.coverage, "its intervals hold \(coverage), not \(Self.coverage)")
    }
    radiographs = try container.decode(Int.self, forKey: .radiographs)
    widths = [:]
    for (name, width) in try container.decode([String: Width].self, forKey: .widths) {
      guard let figure = HeadMeasurement(rawValue: name) else {
        throw refuse(.widths, "'\(name)' is no figure")
      }
      widths[figure] = width
    }
  }

  /// Writes widths by the names of their figures.
  public func encode(to encoder: any Encoder) throws {
    var container = encoder.container(keyedBy: CodingKeys.self)
    try container.encode(Self.coverage, forKey: .coverage)
    try container.encode(radiographs, forKey: .radiographs)
    let named = widths.map { ($0.key.rawValue, $0.value) }
    try container.encode(Dictionary(uniqueKeysWithValues: named), forKey: .widths)
  }
}
