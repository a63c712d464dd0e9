import Foundation

/// A direction from which a radiograph is taken, with the way it hangs (docs of the conventions:
/// Docs/Conventions.md). Superior is up in all of them.
public enum NamedView: Hashable, Sendable, CustomStringConvertible {
  /// Source behind the patient; patient's right at the viewer's left.
  case pa
  /// Source in front of the patient; patient's right at the viewer's left.
  case ap
  /// Left lateral: left side at the detector; the patient faces the viewer's left.
  case left
  /// Right lateral: right side at the detector; the patient faces the viewer's right.
  case right
  /// IEC 61217 gantry angle in degrees, head first supine: 0 has the source anterior, 90 at the
  /// patient's left. The image is as seen from the source.
  case gantry(degrees: Double)

  /// Reads `pa`, `ap`, `left`, `right` or an angle in degrees.
  public init?(_ text: String) {
    switch text.lowercased() {
    case "pa": self = .pa
    case "ap": self = .ap
    case "left": self = .left
    case "right": self = .right
    default:
      guard let degrees = Double(text), degrees.isFinite else { return nil }
      self = .gantry(degrees: degrees)
    }
  }

  /// The name, or the angle as it would be written.
  public var description: String {
    switch self {
    case .pa: return "pa"
    case .ap: return "ap"
    case .left: return "left"
    case .right: return "right"
    case .gantry(let degrees):
      return degrees == degrees.rounded() && abs(degrees) < 1e6
        ? String(Int(degrees)) : String(degrees)
    }
  }

  /// The unit vector from the isocentre to the source, RAS.
  public var sourceDirection: Vector3 {
    switch self {
    case .pa: return Vector3(0, -1, 0)
    case .ap: return Vector3(0, 1, 0)
    case .left: return Vector3(1, 0, 0)
    case .right: return Vector3(-1, 0, 0)
    case .gantry(let degrees):
      let g = degrees * .pi / 180
      return Vector3(-sin(g), cos(g), 0)
    }
  }

  /// The unit vector along which columns count, RAS.
  public var columnDirection: Vector3 {
    switch self {
    case .pa, .ap: return Vector3(-1, 0, 0)
    case .left: return Vector3(0, -1, 0)
    case .right: return Vector3(0, 1, 0)
    case .gantry(let degrees):
      let g = degrees * .pi / 180
      return Vector3(-cos(g), -sin(g), 0)
    }
  }

  /// The unit vector along which rows count, RAS: always downwards.
  public var rowDirection: Vector3 { Vector3(0, 0, -1) }
}

extension NamedView: Codable {
  /// Reads the name or the angle, as the command line writes it.
  public init(from decoder: any Decoder) throws {
    let container = try decoder.singleValueContainer()
    let text = try container.decode(String.self)
    guard let view = NamedView(text) else {
      throw DecodingError.dataCorruptedError(
        in: container, debugDescription: "'\(text)' is no view: pa, ap, left, right or degrees")
    }
    self = view
  }

  /// Writes the name or the angle.
  public func encode(to encoder: any Encoder) throws {
    var container = encoder.singleValueContainer()
    try container.encode(description)
  }
}

extension NamedView {
  /// Whether a geometry may carry this view's name: its source lies on the view's side, its columns
  /// count the view's way, and its rows count downwards.
  ///
  /// Directions are compared in the axial plane, so that a tilted tube (Caldwell, Towne) keeps its
  /// name. A name allows 45 degrees, the nearest of four sides; an angle, which says more, allows 5.
  public func agrees(with geometry: ProjectionGeometry) -> Bool {
    let limit: Double
    switch self {
    case .pa, .ap, .left, .right: limit = 45
    case .gantry: limit = 5
    }
    let toSource = -geometry.centralDirection
    return Self.angle(toSource, sourceDirection) <= limit
      && Self.angle(geometry.columnStep, columnDirection) <= limit && geometry.rowStep.z < 0
  }

  /// The angle in degrees between two directions as seen from above; 180 where one is vertical.
  private static func angle(_ a: Vector3, _ b: Vector3) -> Double {
    let (a, b) = (Vector3(a.x, a.y, 0), Vector3(b.x, b.y, 0))
    guard length(a) > 1e-6, length(b) > 1e-6 else { return 180 }
    return acos(min(max(dot(normalized(a), normalized(b)), -1), 1)) * 180 / .pi
  }
}
