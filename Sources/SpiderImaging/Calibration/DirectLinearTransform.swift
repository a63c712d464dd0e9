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
