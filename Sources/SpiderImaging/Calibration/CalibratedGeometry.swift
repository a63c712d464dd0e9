import Foundation

/// The result of a calibration with its standard errors.
public struct CalibratedGeometry: Sendable {
  /// The projection geometry.
  public let geometry: ProjectionGeometry
  /// Residuals (columns, rows) in pixels: the projection of each point minus its stated position.
  public let residuals: [SIMD2<Double>]
  /// Standard errors of the source's coordinates, mm.
  public let sourceError: Vector3
  /// Standard errors of the detector's direction: turns about its column, row and normal axes, degrees.
  public let directionError: Vector3
  /// Standard error of SID, mm.
  public let sourceToDetectorError: Double
  /// Standard errors of the principal point, pixels.
  public let principalPointError: SIMD2<Double>
  /// The largest singular value of the scaled Jacobian over its smallest: by how much the worst
  /// combination of unknowns is less well seen than the best.
  public let condition: Double

  init(
    geometry: ProjectionGeometry, residuals: [SIMD2<Double>], jacobian: SingularValues,
    scales: [Double]
  ) {
    self.geometry = geometry
    self.residuals = residuals
    condition = jacobian.condition
    // The variance of a coordinate, from what the nine unknowns leave over.
    let freedom = Double(2 * residuals.count - ArmParameters.count)
    let variance = residuals.reduce(0) { $0 + ($1 * $1).sum() } / freedom
    let errors = zip(jacobian.inverseSquareDiagonal, scales).map {
      (variance * $0).squareRoot() * $1
    }
    sourceError = Vector3(Array(errors[0..<3]))
    directionError = Vector3(Array(errors[3..<6])) * (180 / .pi)
    sourceToDetectorError = errors[6]
    principalPointError = SIMD2(errors[7], errors[8])
  }

  /// The root mean square distance between where points are projected and where they were seen, pixels.
  public var rootMeanSquare: Double {
    (residuals.reduce(0) { $0 + ($1 * $1).sum() } / Double(residuals.count)).squareRoot()
  }

  /// The point, counted from 0, that fits worst, and its distance in pixels.
  public var worst: (point: Int, distance: Double) {
    let distances = residuals.map { ($0 * $0).sum().squareRoot() }
    let index = distances.indices.max { distances[$0] < distances[$1] } ?? 0
    return (index, distances[index])
  }

  /// Warnings to read before relying on the geometry, one sentence each.
  public var warnings: [String] {
    var warnings: [String] = []
    if condition > 1e5 {
      warnings.append(
        String(
          format:
            "the points hardly determine the geometry (condition %.1e): spread them over the image "
            + "and over more depth", condition))
    }
    let sid = geometry.sourceToDetector ?? 0
    if !(sourceToDetectorError <= 0.02 * sid) {
      warnings.append(
        String(
          format:
            "the distance from source to detector, %.1f mm, is uncertain by %.1f mm: the image will "
            + "be right near the points, and wrong away from them", sid, sourceToDetectorError))
    }
    // Among n points of equal normal errors, one in a thousand sets has such a worst one.
    let (point, distance) = worst
    if residuals.count > 8, distance > 3.5 * rootMeanSquare, distance > 1e-3 {
      warnings.append(
        String(
          format: "point %d is %.2f pixels off, %.1f times the root mean square: check this pair",
          point + 1, distance, distance / rootMeanSquare))
    }
    return warnings
  }
}

/// A point with known coordinates in the world and on an image.
public struct CalibrationPoint: Equatable, Sendable {
  /// Its position, world RAS+ mm.
  public var world: Vector3
  /// Its image (column, row), in pixels from the centre of pixel (0, 0).
  public var pixel: SIMD2<Double>

  /// Pairs a place with its image.
  public init(world: Vector3, pixel: SIMD2<Double>) {
    self.world = world
    self.pixel = pixel
  }
}

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
  /// The image cannot be, for example without pixels.
  case geometry(GeometryError)

  /// The fewest points: each gives two equations for the eleven unknowns of a 3x4 matrix.
  public static let fewestPoints = 6

  /// The fault and its remedy.
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
    case .geometry(let error): return error.description
    }
  }
}
