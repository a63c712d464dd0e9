import SpiderCore

/// The content of `dataset.json`: what a data set folder holds.
public struct DataSetIndex: Codable, Equatable, Sendable {
  /// The schema this program reads and writes.
  public static let schema = "spider.dataset/1"

  /// Which part of the work a patient serves.
  public enum Split: String, Codable, CaseIterable, Sendable {
    /// To learn from.
    case train
    /// To choose the best weights by.
    case val
    /// To report on; never seen in training.
    case test
  }

  /// One patient.
  public struct Entry: Codable, Equatable, Sendable {
    /// The case's name and its folder's.
    public var id: String
    /// The patient it comes from: all cases of a patient are in one split.
    public var patient: String
    /// What it serves.
    public var split: Split
    /// Whether it is a real patient and not a phantom.
    public var isReal: Bool
    /// The isocentre in the world of the original scan, mm.
    public var isocenter: [Double]
    /// Who labelled it: "labeller" with its version, or "given".
    public var labelSource: String
    /// What preparation decided, in words.
    public var notes: [String]
    /// FNV-1a checksums of the case's files, by file name.
    public var checksums: [String: String]

    enum CodingKeys: String, CodingKey {
      case id, patient, split
      case isReal = "is_real"
      case isocenter = "isocenter_mm"
      case labelSource = "label_source"
      case notes, checksums
    }
  }

  /// The schema of this file.
  public var schema = DataSetIndex.schema
  /// Voxels along a side of the canonical grid.
  public var size: Int
  /// The side of the canonical grid, mm.
  public var fieldOfView: Double
  /// The CT window of the networks.
  public var window: CTWindow
  /// The tissue classes.
  public var scheme: LabelScheme
  /// The version of the automatic labeller.
  public var labellerVersion: Int
  /// From where its X-rays are taken, and with how much variation.
  public var geometry: GeometryDistribution
  /// The patients.
  public var cases: [Entry]

  enum CodingKeys: String, CodingKey {
    case schema, size
    case fieldOfView = "field_of_view_mm"
    case window, scheme
    case labellerVersion = "labeller_version"
    case geometry, cases
  }

  /// An empty data set.
  public init(size: Int, fieldOfView: Double, scheme: LabelScheme = .head) {
    self.size = size
    self.fieldOfView = fieldOfView
    window = .standard
    self.scheme = scheme
    labellerVersion = AutomaticLabeller.version
    geometry = GeometryDistribution()
    cases = []
  }
}
