import Foundation

/// Why points do not determine a geometry.
public enum CalibrationError: Error, Equatable, CustomStringConvertible {
  /// Fewer points than equations need.
  case tooFewPoints(Int)
  /// A number of a point, counted from 0, is not finite.
  case notFinite(point: Int)
  /// The points lie in a plane, to so many mm (root mean square).
  case coplanar(distance: Double)
  /// The points, or their images, lie so that more than one geometry explains them.
  case degenerate
  /// The best geometry has points behind its source.
  case behindSource(points: Int)
  /// The pixels are no size.
  case badPixelSize(column: Double, row: Double)

  /// The fewest points: each gives two equations for the eleven unknowns of a 3x4 matrix.
  public static let fewestPoints = 6

  /// What is wrong, and what would be right.
  public var description: String {
    switch self {
    case .tooFewPoints(let count):
      return
        "\(count) \(count == 1 ? "point" : "points"); at least \(Self.fewestPoints) are needed, better "
        + "12 or more"
    case .notFinite(let point): return "point \(point + 1) holds a number that is not finite"
    case .coplanar(let distance):
      return String(
        format: "the points lie in one plane (to %.3g mm); use points at different depths", distance
      )
    case .degenerate:
      return
        "more than one geometry explains the points: some coincide, lie in one line or plane, or belong "
        + "to other images; use points spread through the volume"
    case .behindSource(let points):
      return
        "no sound geometry explains the points: \(points) of them would lie behind the source; check "
        + "that places and pixels belong together"
    case .badPixelSize(let column, let row):
      return "pixels of \(column) x \(row) mm; both sizes must be positive"
    }
  }
}
