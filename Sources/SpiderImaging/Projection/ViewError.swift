/// Why a set of radiographs cannot be used together, or not with a model.
public enum ViewError: Error, Equatable, CustomStringConvertible {
  case count(given: Int, expected: Int, views: [NamedView] = [])
  /// A model that reads any views was given too many or too few.
  case number(given: Int, least: Int, most: Int)
  /// A source so far above or below the head, in degrees, that no model knows such a view.
  case steep(index: Int, degrees: Double)
  /// A source within the field of view, so many mm from the isocentre.
  case sourceInPatient(index: Int, millimetres: Double)
  case direction(expected: NamedView, degreesOff: Double, views: [NamedView] = [])
  case hanging(expected: NamedView)
  case isocentersDiffer(Vector3, Vector3)
  case isocenterUnknown
  case emptyImage(index: Int)
  case sourceAtIsocenter(index: Int)
  case detectorBeforePatient(expected: NamedView)
  case notAbsolute(index: Int)
  case impossibleDetector(expected: NamedView, fault: String)
  /// At least one of the faults is grave.
  case faulty([ViewFault])

  /// What is wrong, and what would be right.
  public var description: String {
    switch self {
    case .count(let given, let expected, let views):
      let names = views.isEmpty ? "" : " (\(views.map(\.description).joined(separator: ", ")))"
      return
        "\(given) \(given == 1 ? "radiograph was" : "radiographs were") given, the model reads "
        + "\(expected)\(names); give one of each view"
    case .number(let given, let least, let most):
      return
        "\(given) \(given == 1 ? "radiograph was" : "radiographs were") given, the model reads \(least) to "
        + "\(most), from any sides; give so many"
    case .steep(let index, let degrees):
      return
        "radiograph \(index + 1) was taken from \(Int(abs(degrees).rounded())) degrees "
        + "\(degrees > 0 ? "above" : "below") the head's axial plane; models read up to 50: check its geometry, or "
        + "leave it out"
    case .sourceInPatient(let index, let distance):
      return
        "the source of radiograph \(index + 1) lies \(Int(distance.rounded())) mm from the isocentre, within the patient; "
        + "correct the source's position"
    case .direction(let expected, let off, let views):
      let names = views.map(\.description).joined(separator: " and ")
      return
        "no radiograph was taken from the direction the model expects for '\(expected)': the nearest "
        + "is \(Int(off.rounded())) degrees off; "
        + (names.isEmpty ? "" : "it was trained on \(names); ")
        + "check the views' geometry or use another model"
    case .hanging(let expected):
      return
        "the radiograph for '\(expected)' is turned by a quarter: its rows must run head to foot; "
        + "turn the picture and its geometry"
    case .isocentersDiffer(let a, let b):
      return
        "the radiographs state different isocentres, (\(a.x), \(a.y), \(a.z)) and "
        + "(\(b.x), \(b.y), \(b.z)) mm; they must show the same patient position"
    case .isocenterUnknown:
      return
        "the isocentre is not known: the central rays do not meet; state it"
    case .emptyImage(let index):
      return "radiograph \(index + 1) shows nothing: all its pixels are the same or not numbers"
    case .sourceAtIsocenter(let index):
      return
        "the source of radiograph \(index + 1) lies at the isocentre; correct the source's position, "
        + "or state the isocentre"
    case .detectorBeforePatient(let view):
      return
        "the detector of the radiograph for '\(view)' lies on the source's side of the isocentre; it "
        + "must lie behind it: correct the positions of source and detector"
    case .notAbsolute(let index):
      return
        "radiograph \(index + 1) holds grey values of unknown scale, the model reads line integrals; "
        + "give an image of line integrals, or use another model"
    case .impossibleDetector(let view, let fault):
      return "the radiograph for '\(view)' cannot be brought to the model's detector: \(fault)"
    case .faulty(let faults):
      return faults.map(\.description).joined(separator: "; ")
    }
  }
}
