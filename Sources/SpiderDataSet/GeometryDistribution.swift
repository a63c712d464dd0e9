import SpiderCore

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

  /// Why X-rays cannot be taken like this, or nil: for what comes from a file.
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
