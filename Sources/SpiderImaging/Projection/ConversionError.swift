import Foundation

/// Why a geometry cannot be said in another program's terms, or not be read from them.
public enum ConversionError: Error, Equatable, CustomStringConvertible {
  /// The beam is parallel, or has no source to be found, where the other form knows only cones.
  case needsCone(form: String)
  /// Columns and rows enclose an angle other than 90 degrees.
  case skewedDetector(degrees: Double)
  /// Columns x rows run against the rays: the picture is mirrored against what the source sees.
  case mirrored(form: String)
  /// The isocentre lies beside, or not in front of, the place that the other form has for it.
  case isocenterNotInFront
  /// A distance, an angle, a count or a size that cannot be.
  case badValue(name: String, value: Double)
  /// Two vectors that must span a plane do not.
  case parallelVectors(String, String)
  /// The left 3x3 part of a projection matrix has no inverse.
  case singularMatrix
  /// The parameters place a pixel, the source or an angle at no finite number.
  case notFinite(form: String)
  /// The numbers are understood, but describe no image.
  case geometry(GeometryError)

  /// The fault and its remedy.
  public var description: String {
    switch self {
    case .needsCone(let form):
      return "\(form) describes cone beams only; this beam is parallel"
    case .skewedDetector(let degrees):
      return String(
        format:
          "the detector's columns and rows enclose %.4g degrees; only the explicit form and the "
          + "3x4 matrix can say this", degrees)
    case .mirrored(let form):
      return
        "\(form) sees images from the source, this one hangs mirrored (as pa and left do); reverse "
        + "its columns first"
    case .isocenterNotInFront:
      return "the isocentre does not lie in front of the source; state another one"
    case .badValue(let name, let value):
      return "\(name) is \(value), which cannot be"
    case .parallelVectors(let a, let b):
      return "\(a) and \(b) are zero or parallel; they must span a plane"
    case .singularMatrix:
      return
        "the left 3x3 part of the projection matrix has no inverse: it has no source (a parallel beam, "
        + "or rows that repeat each other)"
    case .notFinite(let form):
      return "\(form) holds a number that is not finite, or places something infinitely far away"
    case .geometry(let error): return error.description
    }
  }
}

/// The detector's frame of a geometry with perpendicular columns and rows: the one in which
/// other programs state theirs.
struct DetectorFrame {
  /// Unit vector along which columns count.
  let column: Vector3
  /// Unit vector along which rows count.
  let row: Vector3
  /// Unit normal of the detector, towards the source.
  let toSource: Vector3
  /// Size of a pixel along a row and along a column, mm.
  let pixelSize: SIMD2<Double>

  /// Reads the frame off a geometry.
  ///
  /// - Throws: ``ConversionError/skewedDetector(degrees:)`` when columns and rows are off a right
  ///   angle by more than a millionth of a radian: 0.5 um over the width of a detector.
  init(of geometry: ProjectionGeometry) throws(ConversionError) {
    let column = normalized(geometry.columnStep)
    let row = normalized(geometry.rowStep)
    let cosine = dot(column, row)
    guard abs(cosine) <= 1e-6 else {
      throw .skewedDetector(degrees: acos(cosine) * 180 / .pi)
    }
    self.column = column
    self.row = row
    toSource = geometry.normalTowardsSource
    pixelSize = SIMD2(length(geometry.columnStep), length(geometry.rowStep))
  }

  /// Whether the image hangs mirrored against what the source sees: columns x rows should run as the
  /// rays do.
  var isMirrored: Bool { dot(cross(column, row), toSource) > 0 }
}

extension ConversionError {
  /// Builds a geometry whose numbers come from another program.
  static func wrapping(
    _ make: () throws(GeometryError) -> ProjectionGeometry
  ) throws(ConversionError) -> ProjectionGeometry {
    do {
      return try make()
    } catch {
      throw .geometry(error)
    }
  }
}
