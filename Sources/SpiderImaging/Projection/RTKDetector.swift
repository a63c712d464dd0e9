/// Which pixels lie where on RTK's detector: origin, spacing and size of the projection image, in the
/// detector's plane, mm.
public struct RTKDetector: Equatable, Sendable {
  /// The centre of pixel (0, 0).
  public var origin: SIMD2<Double>
  /// From pixel to pixel along x and y; negative where the image's direction turns an axis round.
  public var spacing: SIMD2<Double>
  /// Pixels along x.
  public var columns: Int
  /// Pixels along y.
  public var rows: Int

  /// States origin, spacing and size.
  public init(origin: SIMD2<Double>, spacing: SIMD2<Double>, columns: Int, rows: Int) {
    self.origin = origin
    self.spacing = spacing
    self.columns = columns
    self.rows = rows
  }

  /// A detector whose middle is its origin.
  ///
  /// - Parameter rowsRunDown: rows count against y, so that an image taken at no in-plane angle hangs
  ///   head up. RTK's own images, which have no direction, count rows along y: head down when the first
  ///   row is drawn at the top.
  public init(
    centered columns: Int, _ rows: Int, pixelSize: SIMD2<Double>, rowsRunDown: Bool = true
  ) {
    let spacing = SIMD2(pixelSize.x, rowsRunDown ? -pixelSize.y : pixelSize.y)
    self.init(
      origin: -spacing * SIMD2(Double(columns - 1), Double(rows - 1)) / 2, spacing: spacing,
      columns: columns, rows: rows)
  }
}
