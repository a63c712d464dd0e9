import Foundation

extension RTKProjection {
  /// Says a geometry in RTK's terms.
  ///
  /// The offsets are all the source's and the image's: the projection offset is 0 and the detector's
  /// origin says where the image lies.
  ///
  /// - Parameters:
  ///   - geometry: any with perpendicular columns and rows.
  ///   - isocenter: where RTK's origin is; the geometry's own isocentre when nil, else the world's
  ///     origin.
  /// - Throws: ``ConversionError``.
  public static func from(
    _ geometry: ProjectionGeometry, isocenter: Vector3? = nil
  ) throws -> (projection: RTKProjection, detector: RTKDetector) {
    let frame = try DetectorFrame(of: geometry)
    let center = isocenter ?? geometry.isocenter ?? .zero
    let (x, z) = (frame.column, frame.toSource)
    let y = cross(z, x)
    let (fx, fy, fz) = (fixed(x), fixed(y), fixed(z))
    // Row z of the rotation is (cos o sin g, -sin o, cos o cos g), and the middle numbers of rows x and
    // y are sin i cos o and cos i cos o. Straight above or below, g and i turn about the same axis:
    // then i is 0, and row x is (cos g, 0, -sin g).
    let isVertical = hypot(fz.x, fz.z) < 1e-9
    let gantry = isVertical ? atan2(-fx.z, fx.x) : atan2(fz.x, fz.z)
    let inPlane = isVertical ? 0 : atan2(fx.y, fy.y)
    let outOfPlane = -asin(min(max(fz.y, -1), 1))

    let place = geometry.pixelOrigin - center
    var projection = RTKProjection(
      gantryAngle: gantry * 180 / .pi + 0, outOfPlaneAngle: outOfPlane * 180 / .pi + 0,
      inPlaneAngle: inPlane * 180 / .pi + 0, sourceToIsocenter: 0, sourceToDetector: 0)
    switch geometry.beam {
    case .cone(let source):
      let s = source - center
      projection.sourceToIsocenter = dot(s, z)
      projection.sourceToDetector = dot(s - place, z)
      projection.sourceOffset = SIMD2(dot(s, x), dot(s, y))
    case .parallel(let direction):
      guard length(direction + z) < 1e-6 else {
        throw ConversionError.needsCone(form: "RTK (of rays that are not normal to the detector)")
      }
      projection.sourceToIsocenter = -dot(place, z)
    }
    let detector = RTKDetector(
      origin: SIMD2(dot(place, x), dot(place, y)),
      spacing: SIMD2(
        frame.pixelSize.x, dot(frame.row, y) < 0 ? -frame.pixelSize.y : frame.pixelSize.y),
      columns: geometry.columns, rows: geometry.rows)
    return (projection, detector)
  }
}
