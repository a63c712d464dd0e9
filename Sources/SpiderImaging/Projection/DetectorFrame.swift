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
      throw ConversionError.skewedDetector(degrees: acos(cosine) * 180 / .pi)
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
