/// The one description of how an X-ray image is made, used by projector, networks and refinement
/// alike: where the rays start and where each detector pixel lies, in world RAS+ millimetres.
///
/// Pixel (column c, row r) has its centre at `pixelOrigin + c * columnStep + r * rowStep`. No flip is
/// ever inferred from a view's name: the vectors say it.
public struct ProjectionGeometry: Equatable, Sendable {
  /// Cone or parallel beam.
  public let beam: Beam
  /// World position (mm) of the centre of the pixel in column 0, row 0.
  public let pixelOrigin: Vector3
  /// From one pixel centre to the next in the same row, mm.
  public let columnStep: Vector3
  /// From one pixel centre to the next in the same column, mm.
  public let rowStep: Vector3
  /// Pixels in a row.
  public let columns: Int
  /// Pixels in a column.
  public let rows: Int
  /// The point about which the view was taken, mm, if it is known.
  public let isocenter: Vector3?

  /// Builds a geometry from its vectors.
  ///
  /// - Throws: ``GeometryError`` when a number is not finite, there are no pixels, the steps are zero
  ///   or parallel, or the rays run along the detector instead of through it.
  public init(
    beam: Beam, pixelOrigin: Vector3, columnStep: Vector3, rowStep: Vector3, columns: Int,
    rows: Int, isocenter: Vector3? = nil
  ) throws {
    let normal = cross(columnStep, rowStep)
    var numbers = [pixelOrigin, columnStep, rowStep]
    var beam = beam
    let through: Double
    switch beam {
    case .cone(let source):
      numbers.append(source)
      through = dot(normal, pixelOrigin - source)
    case .parallel(let direction):
      numbers.append(direction)
      guard length(direction) > 0 else { throw GeometryError.zeroDirection }
      beam = .parallel(direction: normalized(direction))
      through = dot(normal, normalized(direction))
    }
    if let isocenter { numbers.append(isocenter) }
    guard numbers.allSatisfy({ $0.x.isFinite && $0.y.isFinite && $0.z.isFinite }) else {
      throw GeometryError.notFinite
    }
    guard columns > 0, rows > 0 else {
      throw GeometryError.noPixels(columns: columns, rows: rows)
    }
    guard length(normal) > 1e-9 * length(columnStep) * length(rowStep), length(normal) > 0 else {
      throw GeometryError.degenerateDetector
    }
    guard abs(through) > 1e-9 * length(normal) else { throw GeometryError.raysAlongDetector }
    self.beam = beam
    self.pixelOrigin = pixelOrigin
    self.columnStep = columnStep
    self.rowStep = rowStep
    self.columns = columns
    self.rows = rows
    self.isocenter = isocenter
  }

  /// The number of pixels.
  public var count: Int { columns * rows }

  /// World position (mm) of a pixel centre, or of a fractional pixel position.
  public func pixelCenter(column: Double, row: Double) -> Vector3 {
    pixelOrigin + columnStep * column + rowStep * row
  }

  /// World position (mm) of the middle of the detector.
  public var detectorCenter: Vector3 {
    pixelCenter(column: Double(columns - 1) / 2, row: Double(rows - 1) / 2)
  }

  /// The unit direction in which the ray of a pixel runs, from the source to the detector.
  public func rayDirection(column: Double, row: Double) -> Vector3 {
    switch beam {
    case .cone(let source): return normalized(pixelCenter(column: column, row: row) - source)
    case .parallel(let direction): return direction
    }
  }

  /// The unit direction of the ray through the middle of the detector.
  public var centralDirection: Vector3 {
    rayDirection(column: Double(columns - 1) / 2, row: Double(rows - 1) / 2)
  }
}
