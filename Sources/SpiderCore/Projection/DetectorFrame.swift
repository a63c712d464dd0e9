import Foundation

/// What a geometry with perpendicular columns and rows looks like from its detector: the frame in which
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
  init(of geometry: ProjectionGeometry) throws {
    let column = normalized(geometry.columnStep)
    let row = normalized(geometry.rowStep)
    let cosine = dot(column, row)
    guard abs(cosine) <= 1e-6 else {
      throw ConversionError.skewedDetector(degrees: arcCosine(cosine) * 180 / .pi)
    }
    let normal = normalized(cross(column, row))
    let against: Double
    switch geometry.beam {
    case .cone(let source): against = dot(normal, source - geometry.pixelOrigin)
    case .parallel(let direction): against = -dot(normal, direction)
    }
    self.column = column
    self.row = row
    toSource = against < 0 ? -normal : normal
    pixelSize = SIMD2(length(geometry.columnStep), length(geometry.rowStep))
  }

  /// Whether the image hangs mirrored against what the source sees: columns x rows should run as the
  /// rays do.
  var isMirrored: Bool { dot(cross(column, row), toSource) > 0 }
}

extension ProjectionGeometry {
  /// The distance (mm) of the source from the detector's plane, SID; nil for a parallel beam.
  public var sourceToDetector: Double? {
    guard case .cone(let source) = beam else { return nil }
    return abs(dot(normalized(cross(columnStep, rowStep)), source - pixelOrigin))
  }

  /// The pixel position (column, row) of the foot of the perpendicular from the source to the detector,
  /// the principal point; nil for a parallel beam.
  public var principalPoint: SIMD2<Double>? {
    guard case .cone(let source) = beam else { return nil }
    let n = cross(columnStep, rowStep)
    let offset = source - pixelOrigin
    return SIMD2(
      dot(cross(rowStep, n), offset) / dot(n, n), dot(cross(n, columnStep), offset) / dot(n, n))
  }

  /// How many times larger than in the patient things appear on the detector at a point: SID over the
  /// point's own distance from the source, both along the detector's normal; 1 for a parallel beam.
  ///
  /// Negative behind the source, below 1 behind the detector.
  public func magnification(at point: Vector3) -> Double {
    1 / (dot(matrix.linear.2, point) + matrix.constant.z)
  }

  /// The same detector with its columns, its rows or both counted from the other end.
  public func flipped(columns flipColumns: Bool, rows flipRows: Bool) throws -> ProjectionGeometry {
    try ProjectionGeometry(
      beam: beam,
      pixelOrigin: pixelCenter(
        column: flipColumns ? Double(columns - 1) : 0, row: flipRows ? Double(rows - 1) : 0),
      columnStep: flipColumns ? -columnStep : columnStep,
      rowStep: flipRows ? -rowStep : rowStep, columns: columns, rows: rows, isocenter: isocenter)
  }
}
