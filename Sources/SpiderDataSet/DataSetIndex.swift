import SpiderAnatomy
import SpiderCore

/// The content of `dataset.json`: what a data set folder holds.
///
/// All scans of a patient are in one split: what is learned from one of them says too much about the
/// others.
public struct DataSetIndex: Codable, Equatable, Sendable {
  /// The version of the schema that this program writes; it reads all up to it.
  ///
  /// 1: CT and labels. 2: scan masks, file sizes, folders of other names, distances that vary.
  public static let version = 2
  /// The name of that schema.
  public static let schema = "\(schemaName)\(version)"
  static let schemaName = "spider.dataset/"

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
    /// The case's name.
    public var id: String
    /// Its folder's name, where that is another one: a case that was replaced.
    public var folder: String?
    /// The patient it comes from: all cases of a patient are in one split.
    public var patient: String
    /// The part of the work that it serves.
    public var split: Split
    /// Whether it is a real patient and not a phantom.
    public var isReal: Bool
    /// The isocentre in the world of the original scan, mm.
    public var isocenter: [Double]
    /// Who labelled it: "labeller" with its version, or "given".
    public var labelSource: String
    /// The decisions of its preparation, in words.
    public var notes: [String]
    /// FNV-1a checksums of all of the case's files, by file name.
    public var checksums: [String: String]
    /// Sizes of these files, bytes.
    public var bytes: [String: Int]?

    enum CodingKeys: String, CodingKey {
      case id, folder, patient, split
      case isReal = "is_real"
      case isocenter = "isocenter_mm"
      case labelSource = "label_source"
      case notes, checksums, bytes
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
  /// The version of the automatic labeller when the last case was added; each case says its own.
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

  /// Two cases of one patient that serve different splits, if there are any.
  var dividedPatient: (Entry, Entry)? {
    var first: [String: Entry] = [:]
    for entry in cases {
      guard let other = first[entry.patient] else {
        first[entry.patient] = entry
        continue
      }
      if other.split != entry.split { return (other, entry) }
    }
    return nil
  }
}

/// From where, and with how much variation, the X-rays of a data set are taken. They are made when
/// they are needed, so this is what the data set says about them in place of images.
public struct GeometryDistribution: Codable, Equatable, Sendable {
  /// The views, in the order in which a network reads them.
  public var views: [NamedView]
  /// Source to axis distance, mm.
  public var sourceToAxis: Double
  /// Source to detector distance, mm.
  public var sourceToDetector: Double
  /// The patient lies off the isocentre by up to so many mm along each axis.
  public var patientShift: Double
  /// The patient is turned by up to so many degrees about any axis.
  public var patientTurnDegrees: Double
  /// Each view's source and detector are turned by up to so many degrees about the isocentre.
  public var viewTurnDegrees: Double
  /// The source lies nearer or farther than ``sourceToAxis`` by up to this share.
  public var sourceDistance: Double

  enum CodingKeys: String, CodingKey {
    case views
    case sourceToAxis = "sad_mm"
    case sourceToDetector = "sid_mm"
    case patientShift = "patient_shift_mm"
    case patientTurnDegrees = "patient_turn_degrees"
    case viewTurnDegrees = "view_turn_degrees"
    case sourceDistance = "sad_share"
  }

  /// The default views and distances, and the patient positioned as one does by eye.
  public init() {
    let setup = ViewSetup()
    views = [.pa, .left]
    sourceToAxis = setup.sourceToAxis
    sourceToDetector = setup.sourceToDetector
    patientShift = 20
    patientTurnDegrees = 10
    viewTurnDegrees = 1.5
    sourceDistance = 0.05
  }

  /// Reads a distribution; distances do not vary in those of schema 1.
  public init(from decoder: any Decoder) throws {
    let container = try decoder.container(keyedBy: CodingKeys.self)
    views = try container.decode([NamedView].self, forKey: .views)
    sourceToAxis = try container.decode(Double.self, forKey: .sourceToAxis)
    sourceToDetector = try container.decode(Double.self, forKey: .sourceToDetector)
    patientShift = try container.decode(Double.self, forKey: .patientShift)
    patientTurnDegrees = try container.decode(Double.self, forKey: .patientTurnDegrees)
    viewTurnDegrees = try container.decode(Double.self, forKey: .viewTurnDegrees)
    sourceDistance = try container.decodeIfPresent(Double.self, forKey: .sourceDistance) ?? 0
  }

  /// The reason why X-rays cannot be taken like this, or nil: for what comes from a file.
  public var fault: String? {
    let setup = ViewSetup(sourceToAxis: sourceToAxis, sourceToDetector: sourceToDetector)
    do {
      for view in views { _ = try setup.geometry(of: view) }
    } catch {
      return "\(error)"
    }
    guard (1...64).contains(views.count) else { return "\(views.count) views" }
    let ranges = [patientShift, patientTurnDegrees, viewTurnDegrees]
    return ranges.allSatisfy { $0 >= 0 && $0 <= 1000 } && (0...0.3).contains(sourceDistance)
      ? nil : "a variation that is no range"
  }
}

extension DataSetIndex {
  /// The ranges of what a `dataset.json` may state: the one gate for its numbers.
  enum Limits {
    /// The largest file, bytes: some hundred thousand cases.
    static let bytes = 256 << 20
    /// Voxels along a side.
    static let size = 1...1024
    /// The side of the field of view, mm.
    static let fieldOfView = 8.0...4096
    /// Voxels no smaller and no larger than this, mm.
    static let spacing = 0.01...512
    /// HU that a window may have as its ends.
    static let window: ClosedRange<Float> = -100_000...100_000
    /// Distances of source and detector, mm.
    static let distance = 1.0...WorldLimits.distance

    /// Whether three numbers are a place in the world.
    static func isPlace(_ numbers: [Double]) -> Bool {
      numbers.count == 3
        && numbers.allSatisfy { $0.isFinite && abs($0) <= WorldLimits.position }
    }
  }

  /// The key of the first number or name that cannot be, and why; nil when all can: for what comes from
  /// a file. The cases are looked at by whoever opens it.
  var fault: (key: String, fault: String)? {
    guard Limits.size.contains(size) else {
      return (
        "size", "is \(size); it must be \(Limits.size.lowerBound) to \(Limits.size.upperBound)"
      )
    }
    guard Limits.fieldOfView.contains(fieldOfView),
      Limits.spacing.contains(fieldOfView / Double(size))
    else {
      return (
        "field_of_view_mm",
        "is \(fieldOfView) for \(size) voxels; it must be 8 to 4096 mm, voxels of 0.01 mm or more"
      )
    }
    guard Limits.window.contains(window.low), Limits.window.contains(window.high),
      window.low < window.high
    else { return ("window", "goes from \(window.low) to \(window.high) HU") }
    if let fault = scheme.fault { return ("scheme", "cannot be: \(fault)") }
    guard Limits.distance.contains(geometry.sourceToAxis),
      Limits.distance.contains(geometry.sourceToDetector)
    else {
      return (
        "geometry",
        "puts source and detector \(geometry.sourceToAxis) and "
          + "\(geometry.sourceToDetector) mm apart"
      )
    }
    if let fault = geometry.fault { return ("geometry", "cannot be: \(fault)") }
    return nil
  }
}
