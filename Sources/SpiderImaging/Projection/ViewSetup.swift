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
