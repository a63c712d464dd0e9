import Foundation

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
