/// The geometry of an X-ray image from points that are known in the world and on the image: markers of a
/// calibration phantom, landmarks found in a CT and in the radiograph, or bone corners.
///
///     let found = try GeometryCalibration(pixelSize: SIMD2(0.3, 0.3)).geometry(
///       of: points, columns: 1024, rows: 1024)
///     print(found.geometry, found.rootMeanSquare)
///
/// The start is the linear solution of all 3x4 matrices (`DirectLinearTransform`); from there, the nine
/// physical unknowns of a flat detector with known pixels are refined by Levenberg and Marquardt's method on
/// the squared distances in pixels, which is the maximum-likelihood answer for equal, independent errors.
/// It has no defence against wrong pairs: the largest residual shows them.
public struct GeometryCalibration: Sendable {
  /// Size of a pixel along a row and along a column, mm.
  public var pixelSize: SIMD2<Double>

  /// Steps that are tried at most; a sound set of points needs about ten.
  private static let stepLimit = 200

  /// Calibrates detectors with pixels of this size.
  public init(pixelSize: SIMD2<Double>) { self.pixelSize = pixelSize }

  /// The geometry that explains point pairs best.
  ///
  /// - Parameters:
  ///   - points: at least 6, not in one plane; 12 or more spread through the volume are good.
  ///   - columns: pixels in a row of the image.
  ///   - rows: pixels in a column.
  ///   - isocenter: is passed on to the geometry.
  /// - Throws: ``CalibrationError``.
  public func geometry(
    of points: [CalibrationPoint], columns: Int, rows: Int, isocenter: Vector3? = nil
  ) throws(CalibrationError) -> CalibratedGeometry {
    guard pixelSize.x > 0, pixelSize.y > 0, pixelSize.x.isFinite, pixelSize.y.isFinite else {
      throw .badPixelSize(column: pixelSize.x, row: pixelSize.y)
    }
    for (index, point) in points.enumerated() {
      let numbers = [point.world.x, point.world.y, point.world.z, point.pixel.x, point.pixel.y]
      guard numbers.allSatisfy(\.isFinite) else { throw .notFinite(point: index) }
    }
    guard points.count >= CalibrationError.fewestPoints else {
      throw .tooFewPoints(points.count)
    }
    let start = try linearSolution(points, columns, rows)
    let (best, svd) = try refine(start, points)
    let behind = points.count { best.local($0.world).z <= 0 }
    guard behind == 0 else { throw .behindSource(points: behind) }
    let geometry: ProjectionGeometry
    do {
      geometry = try best.geometry(columns: columns, rows: rows, isocenter: isocenter)
    } catch {
      throw .geometry(error)
    }
    return CalibratedGeometry(
      geometry: geometry,
      residuals: points.map { best.project($0.world) - $0.pixel },
      jacobian: svd, scales: Self.scales(best))
  }

  private func linearSolution(
    _ points: [CalibrationPoint], _ columns: Int, _ rows: Int
  ) throws(CalibrationError) -> ArmParameters {
    let matrix = try DirectLinearTransform.matrix(points)
    // The sign of the matrix is that by which most points are in front.
    let behind = points.count { matrix.depth(of: $0.world) < 0 }
    let seen = points.first {
      (matrix.depth(of: $0.world) < 0) == (2 * behind > points.count)
    }
    let geometry: ProjectionGeometry
    do {
      geometry = try matrix.geometry(
        columns: columns, rows: rows, scale: .pixel(pixelSize.x), seen: seen?.world)
    } catch .geometry(let error) {
      throw .geometry(error)
    } catch {
      throw .degenerate
    }
    guard case .cone(let source) = geometry.beam else { throw .degenerate }
    let start = ArmParameters(geometry, source: source, pixelSize: pixelSize)
    let mirrored = points.count { start.local($0.world).z <= 0 }
    guard 2 * mirrored < points.count else {
      throw .behindSource(points: mirrored)
    }
    return start
  }

  /// A natural size of each unknown, so that steps and condition do not depend on units: lengths against
  /// SID, angles in radians, pixels against SID in pixels.
  private static func scales(_ p: ArmParameters) -> [Double] {
    let d = p.sourceToDetector
    return [d, d, d, 1, 1, 1, d, d / p.pixelSize.x, d / p.pixelSize.y]
  }

  /// Levenberg and Marquardt: one decomposition of the Jacobian serves all dampings of a step.
  private func refine(
    _ start: ArmParameters, _ points: [CalibrationPoint]
  ) throws(CalibrationError) -> (ArmParameters, SingularValues) {
    var best = start
    var error = Self.squares(best, points)
    var damping = 1e-6
    var steps = 0
    while true {
      let scales = Self.scales(best)
      guard let svd = SingularValues(Self.jacobian(best, points, scales)) else {
        throw .degenerate
      }
      let largest = svd.values[0] * svd.values[0]
      let right = points.flatMap { point in
        let residual = point.pixel - best.project(point.world)
        return [residual.x, residual.y]
      }
      var isDone = true
      while steps < Self.stepLimit {
        steps += 1
        let step = svd.solve(right, damping: damping * largest)
        let next = best.moved(by: zip(step, scales).map { $0 * $1 })
        let nextError = next.sourceToDetector > 0 ? Self.squares(next, points) : .infinity
        if nextError < error {
          isDone = error - nextError <= 1e-14 * error
          (best, error) = (next, nextError)
          damping = max(damping / 10, 1e-18)
          break
        }
        // Written so that NaN is no improvement.
        guard damping < 1e6 else { break }
        damping *= 10
      }
      if isDone || steps >= Self.stepLimit { return (best, svd) }
    }
  }

  private static func squares(_ p: ArmParameters, _ points: [CalibrationPoint]) -> Double {
    points.reduce(0) { sum, point in
      let d = p.project(point.world) - point.pixel
      return sum + (d * d).sum()
    }
  }

  private static func jacobian(
    _ p: ArmParameters, _ points: [CalibrationPoint], _ scales: [Double]
  ) -> DenseMatrix {
    var result = DenseMatrix(rows: 2 * points.count, columns: ArmParameters.count)
    for (index, point) in points.enumerated() {
      let (column, row) = p.derivatives(point.world)
      for k in 0..<ArmParameters.count {
        result[2 * index, k] = column[k] * scales[k]
        result[2 * index + 1, k] = row[k] * scales[k]
      }
    }
    return result
  }
}

/// The 3x4 matrix that best explains point pairs in the algebraic sense: the direct linear transform with
/// normalised coordinates (Hartley and Zisserman, Multiple View Geometry, 2nd edition, algorithm 7.1).
///
/// Each pair gives two equations that are linear in the matrix P: c P3.X = P1.X and r P3.X = P2.X. The
/// right singular vector of the smallest singular value solves them up to scale. Points and pixels are
/// first moved to their mean and scaled to a mean distance of sqrt 3 and sqrt 2, without which the numbers
/// of one equation would differ by 10^6.
enum DirectLinearTransform {
  /// - Throws: ``CalibrationError``.
  static func matrix(_ points: [CalibrationPoint]) throws(CalibrationError) -> ProjectionMatrix {
    let count = Double(points.count)
    let center = points.reduce(Vector3.zero) { $0 + $1.world } / count
    let middle = points.reduce(SIMD2<Double>.zero) { $0 + $1.pixel } / count
    let spread = points.reduce(0) { $0 + length($1.world - center) } / count
    let radius =
      points.reduce(0) { sum, point in
        let d = point.pixel - middle
        return sum + (d * d).sum().squareRoot()
      } / count
    guard spread > 0, radius > 0 else { throw .degenerate }
    try refusePlane(points.map { $0.world - center })
    let (scale, zoom) = (3.0.squareRoot() / spread, 2.0.squareRoot() / radius)

    var equations = DenseMatrix(rows: 2 * points.count, columns: 12)
    for (index, point) in points.enumerated() {
      let x = (point.world - center) * scale
      let y = (point.pixel - middle) * zoom
      let homogeneous = [x.x, x.y, x.z, 1]
      for k in 0..<4 {
        equations[2 * index, k] = homogeneous[k]
        equations[2 * index, 8 + k] = -y.x * homogeneous[k]
        equations[2 * index + 1, 4 + k] = homogeneous[k]
        equations[2 * index + 1, 8 + k] = -y.y * homogeneous[k]
      }
    }
    // Sixty equations or six: twelve singular values, of which one belongs to the solution.
    guard let svd = SingularValues(equations) else { throw .degenerate }
    guard svd.values[10] > 1e-9 * svd.values[0] else { throw .degenerate }
    let p = svd.rightVector(11)

    // Back: P = T^-1 P' S with S: X -> scale (X - center) and T: y -> zoom (y - middle).
    func row(_ k: Int) -> (Vector3, Double) {
      let linear = Vector3(p[4 * k], p[4 * k + 1], p[4 * k + 2]) * scale
      return (linear, p[4 * k + 3] - dot(linear, center))
    }
    let (first, second, third) = (row(0), row(1), row(2))
    return ProjectionMatrix(
      linear: (
        first.0 / zoom + third.0 * middle.x, second.0 / zoom + third.0 * middle.y, third.0
      ),
      constant: Vector3(
        first.1 / zoom + third.1 * middle.x, second.1 / zoom + third.1 * middle.y, third.1))
  }

  /// Points of one plane determine no camera: any matrix may be added that vanishes on the plane.
  private static func refusePlane(_ offsets: [Vector3]) throws(CalibrationError) {
    var matrix = DenseMatrix(rows: offsets.count, columns: 3)
    for (row, offset) in offsets.enumerated() {
      for axis in 0..<3 { matrix[row, axis] = offset[axis] }
    }
    guard let svd = SingularValues(matrix) else { throw .degenerate }
    guard svd.values[1] > 1e-6 * svd.values[0] else { throw .degenerate }
    guard svd.values[2] > 1e-4 * svd.values[0] else {
      throw .coplanar(
        distance: svd.values[2] / Double(offsets.count).squareRoot())
    }
  }
}
