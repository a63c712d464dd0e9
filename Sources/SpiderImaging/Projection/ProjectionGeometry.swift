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
  ) throws(GeometryError) {
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
      guard length(direction) > 0 else { throw .zeroDirection }
      beam = .parallel(direction: normalized(direction))
      through = dot(normal, normalized(direction))
    }
    if let isocenter { numbers.append(isocenter) }
    guard numbers.allSatisfy({ $0.x.isFinite && $0.y.isFinite && $0.z.isFinite }) else {
      throw .notFinite
    }
    guard columns > 0, rows > 0 else {
      throw .noPixels(columns: columns, rows: rows)
    }
    guard length(normal) > 1e-9 * length(columnStep) * length(rowStep), length(normal) > 0 else {
      throw .degenerateDetector
    }
    guard abs(through) > 1e-9 * length(normal) else { throw .raysAlongDetector }
    self.beam = beam
    self.pixelOrigin = pixelOrigin
    self.columnStep = columnStep
    self.rowStep = rowStep
    self.columns = columns
    self.rows = rows
    self.isocenter = isocenter
  }

  /// The number of pixels.
  @inlinable public var count: Int { columns * rows }

  /// World position (mm) of a pixel centre, or of a fractional pixel position.
  @inlinable public func pixelCenter(column: Double, row: Double) -> Vector3 {
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

/// The shape of the beam: cone or parallel.
public enum Beam: Equatable, Sendable {
  /// All rays leave one focal spot, whose world position is given in mm.
  case cone(source: Vector3)
  /// All rays run along one unit direction, from the source towards the detector.
  case parallel(direction: Vector3)
}

extension ProjectionGeometry {
  /// The same detector with every pixel cut into `factor` x `factor`.
  public func refined(by factor: Int) throws(GeometryError) -> ProjectionGeometry {
    precondition(factor >= 1, "pixels cut into \(factor)")
    let (column, row) = (columnStep / Double(factor), rowStep / Double(factor))
    return try ProjectionGeometry(
      beam: beam, pixelOrigin: pixelOrigin - (column + row) * (Double(factor - 1) / 2),
      columnStep: column, rowStep: row, columns: columns * factor, rows: rows * factor,
      isocenter: isocenter)
  }
}

extension ProjectionGeometry {
  /// The same detector with its columns, its rows or both counted from the other end.
  public func flipped(
    columns flipColumns: Bool, rows flipRows: Bool
  ) throws(GeometryError) -> ProjectionGeometry {
    try ProjectionGeometry(
      beam: beam,
      pixelOrigin: pixelCenter(
        column: flipColumns ? Double(columns - 1) : 0, row: flipRows ? Double(rows - 1) : 0),
      columnStep: flipColumns ? -columnStep : columnStep,
      rowStep: flipRows ? -rowStep : rowStep, columns: columns, rows: rows, isocenter: isocenter)
  }
}

/// Why a projection geometry or a grid cannot be.
public enum GeometryError: Error, Equatable, CustomStringConvertible {
  case notFinite
  case zeroDirection
  case noPixels(columns: Int, rows: Int)
  case degenerateDetector
  case raysAlongDetector
  case badDistances(sourceToAxis: Double, sourceToDetector: Double)
  case badPixelSize(column: Double, row: Double)
  case badTilt(degrees: Double)

  /// The fault and its remedy.
  public var description: String {
    switch self {
    case .notFinite:
      return "the geometry holds a number that is not finite; give every position in mm"
    case .zeroDirection:
      return
        "the direction of the parallel beam has length zero; give a vector from source to detector"
    case .noPixels(let columns, let rows):
      return "a detector of \(columns) x \(rows) pixels; both counts must be at least 1"
    case .degenerateDetector:
      return "the detector's column and row steps are zero or parallel; they must span a plane"
    case .raysAlongDetector:
      return "the rays run along the detector plane instead of through it; check source and steps"
    case .badDistances(let sad, let sid):
      return
        "source to axis \(sad) mm and source to detector \(sid) mm; both must be positive and the "
        + "detector must lie behind the axis (SID >= SAD)"
    case .badPixelSize(let column, let row):
      return "pixels of \(column) x \(row) mm; both sizes must be positive"
    case .badTilt(let degrees):
      return
        "a tilt of \(degrees) degrees; it must be from -90 to 90, positive with the source superior"
    }
  }
}

/// Why the rays of a geometry cannot meet a volume.
package enum BeamMiss: Equatable, Sendable, CustomStringConvertible {
  /// All of the volume lies behind the source.
  case behindSource
  /// All of the volume lies behind the detector.
  case behindDetector
  /// The volume's shadow falls beside the detector.
  case besideDetector

  /// The fault and its remedy.
  package var description: String {
    switch self {
    case .behindSource:
      return
        "the volume lies behind the source; check the signs of the source's and detector's positions"
    case .behindDetector:
      return "the volume lies behind the detector; put the detector on the other side of it"
    case .besideDetector:
      return
        "the volume's shadow falls beside the detector; check the isocentre and the detector's place"
    }
  }
}

extension ProjectionGeometry {
  /// Why no ray can meet a volume on a grid; nil when some may, by its corners.
  package func miss(of grid: VoxelGrid) -> BeamMiss? {
    let matrix = matrix
    let far = [grid.nx, grid.ny, grid.nz].map { Double($0) - 0.5 }
    let corners = (0..<8).map { bits in
      grid.worldPoint(
        bits & 1 == 0 ? -0.5 : far[0], bits & 2 == 0 ? -0.5 : far[1],
        bits & 4 == 0 ? -0.5 : far[2])
    }
    let depths: [Double]
    switch beam {
    case .cone:
      depths = corners.map(matrix.depth)
      if depths.allSatisfy({ $0 <= 0 }) { return .behindSource }
    case .parallel:
      // Along the rays, 1 at the detector.
      let normal = normalTowardsSource
      depths = corners.map { 1 - dot(normal, $0 - pixelOrigin) }
    }
    if depths.allSatisfy({ $0 > 1 }) { return .behindDetector }
    // With the source among the corners, the shadow has no bounds.
    guard depths.allSatisfy({ $0 > 0 }) || matrix.linear.2 == .zero else { return nil }
    let shadow = corners.map(matrix.project)
    let (columns, rows) = (shadow.map(\.x), shadow.map(\.y))
    func misses(_ places: [Double], _ count: Int) -> Bool {
      places.allSatisfy { $0 < -0.5 } || places.allSatisfy { $0 > Double(count) - 0.5 }
    }
    return misses(columns, self.columns) || misses(rows, self.rows) ? .besideDetector : nil
  }
}
