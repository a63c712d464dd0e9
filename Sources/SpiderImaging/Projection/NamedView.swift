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
      guard let degrees = Double(text), abs(degrees) <= 3600 else { return nil }
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

/// The distances and the detector with which views are taken: everything about a view but its
/// direction. The defaults are those of Spider's own radiographs.
public struct ViewSetup: Codable, Equatable, Sendable {
  /// Source to axis (isocentre) distance, mm.
  public var sourceToAxis: Double
  /// Source to detector (image) distance, mm.
  public var sourceToDetector: Double
  /// Pixel size along a row and along a column, mm at the detector.
  public var pixelSize: SIMD2<Double>
  /// Pixels in a row.
  public var columns: Int
  /// Pixels in a column.
  public var rows: Int
  /// Parallel rays instead of a cone; the distances then only place the detector.
  public var isParallel: Bool

  /// The default setup: SAD 1000 mm, SID 1500 mm, 128x128 pixels of 3.6 mm, cone beam.
  public init(
    sourceToAxis: Double = 1000, sourceToDetector: Double = 1500,
    pixelSize: SIMD2<Double> = SIMD2(3.6, 3.6), columns: Int = 128, rows: Int = 128,
    isParallel: Bool = false
  ) {
    self.sourceToAxis = sourceToAxis
    self.sourceToDetector = sourceToDetector
    self.pixelSize = pixelSize
    self.columns = columns
    self.rows = rows
    self.isParallel = isParallel
  }
}

extension ViewSetup {
  /// The geometry of a named view about an isocentre (world mm).
  ///
  /// With e the view's direction to the source and t the tilt, the source lies in direction
  /// e cos t + z sin t from the isocentre, at SAD, and the detector is normal to the central ray, at
  /// SID from the source. Columns count as in the untilted view; rows count along
  /// e sin t - z cos t, which is straight down at t = 0 (IEC 61217 knows no such tilt: its gantry turns
  /// about one axis).
  ///
  /// - Parameters:
  ///   - view: the direction at tilt 0, and the way the columns hang.
  ///   - isocenter: the point on the central ray at SAD from the source, world mm.
  ///   - tiltDegrees: the angle by which the source is raised, -90 to 90; positive is superior.
  ///   - principalPoint: the pixel position (column, row) that the central ray meets, counted from
  ///     the centre of pixel (0, 0); nil is the middle of the detector.
  /// - Throws: ``GeometryError`` when the distances, the angle, the pixel size or the counts are
  ///   impossible.
  public func geometry(
    of view: NamedView, isocenter: Vector3 = .zero, tiltDegrees: Double = 0,
    principalPoint: SIMD2<Double>? = nil
  ) throws(GeometryError) -> ProjectionGeometry {
    try check()
    guard tiltDegrees.magnitude <= 90 else { throw .badTilt(degrees: tiltDegrees) }
    // Exactly along the axes where nothing is tilted.
    let t = tiltDegrees * .pi / 180
    let (cosT, sinT) = tiltDegrees == 0 ? (1, 0) : (cos(t), sin(t))
    let toSource = view.sourceDirection * cosT + Vector3(0, 0, sinT)
    let rowDirection = view.rowDirection * cosT + view.sourceDirection * sinT
    let columnStep = view.columnDirection * pixelSize.x
    let rowStep = rowDirection * pixelSize.y
    let principal =
      principalPoint ?? SIMD2(Double(columns - 1) / 2, Double(rows - 1) / 2)
    let foot = isocenter - toSource * (sourceToDetector - sourceToAxis)
    return try ProjectionGeometry(
      beam: isParallel
        ? .parallel(direction: -toSource) : .cone(source: isocenter + toSource * sourceToAxis),
      pixelOrigin: foot - columnStep * principal.x - rowStep * principal.y,
      columnStep: columnStep, rowStep: rowStep, columns: columns, rows: rows,
      isocenter: isocenter)
  }

  private func check() throws(GeometryError) {
    guard
      sourceToAxis > 0, sourceToDetector >= sourceToAxis, sourceToAxis.isFinite,
      sourceToDetector.isFinite
    else {
      throw .badDistances(
        sourceToAxis: sourceToAxis, sourceToDetector: sourceToDetector)
    }
    guard pixelSize.x > 0, pixelSize.y > 0, pixelSize.x.isFinite, pixelSize.y.isFinite else {
      throw .badPixelSize(column: pixelSize.x, row: pixelSize.y)
    }
  }
}
