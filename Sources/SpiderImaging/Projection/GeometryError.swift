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

  /// What is wrong, and what would be right.
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
