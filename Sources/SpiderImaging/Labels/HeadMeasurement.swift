/// A figure that is derived from the labels of a head, those of ``LabelScheme/head``.
///
/// Its raw value is its name in JSON and in model files.
public enum HeadMeasurement: String, CaseIterable, Codable, Sendable {
  /// The volume of cranium, mid-face and upper teeth, mL.
  case skull
  /// The volume of the lower jaw with its teeth, mL.
  case mandible
  /// The volume within the cranial cavity, mL.
  case intracranial
  /// The volume of the vertebrae within the field of view, mL.
  case cervicalSpine = "cervical_spine"
  /// The volume of airway, sinuses and mastoid cells within the field of view, mL.
  case airCavities = "air_cavities"
  /// The volume of all other soft tissue within the field of view, mL.
  case softTissue = "soft_tissue"
  /// The volume of skull, mandible and vertebrae together, mL.
  case bone
  /// The distance between the condyles of the mandible, mm.
  case intercondylarDistance = "intercondylar_distance"

  /// The unit: "mL" or "mm".
  public var unit: String { self == .intercondylarDistance ? "mm" : "mL" }

  /// Whether its error is measured as a ratio, as that of a volume is, or as a difference.
  public var isVolume: Bool { self != .intercondylarDistance }

  /// The classes that it is made of.
  public var classes: Set<UInt8> {
    switch self {
    case .skull: [HeadLabel.skull]
    case .mandible, .intercondylarDistance: [HeadLabel.mandible]
    case .intracranial: [HeadLabel.intracranial]
    case .cervicalSpine: [HeadLabel.cervicalSpine]
    case .airCavities: [HeadLabel.airCavities]
    case .softTissue: [HeadLabel.softTissue]
    case .bone: [HeadLabel.skull, HeadLabel.mandible, HeadLabel.cervicalSpine]
    }
  }

  /// Whether a field of view about a head holds all of it: of neck and soft tissue it holds a part.
  public var isWithinHead: Bool {
    switch self {
    case .skull, .mandible, .intracranial, .intercondylarDistance: true
    case .cervicalSpine, .airCavities, .softTissue, .bone: false
    }
  }

  /// The name in words.
  public var words: String {
    switch self {
    case .cervicalSpine: "cervical spine"
    case .airCavities: "air cavities"
    case .softTissue: "soft tissue"
    case .intercondylarDistance: "intercondylar distance"
    default: rawValue
    }
  }
}
