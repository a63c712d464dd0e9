/// A 3x4 matrix that takes a homogeneous world point (mm) to (column * w, row * w, w).
public struct ProjectionMatrix: Equatable, Sendable {
  /// The linear parts of the three rows.
  public let linear: (Vector3, Vector3, Vector3)
  /// The constant parts of the three rows.
  public let constant: Vector3

  /// The pixel position (column, row), fractional, where the ray through a world point meets the
  /// detector. A point in the source's own plane gives infinities.
  public func project(_ point: Vector3) -> SIMD2<Double> {
    let u = dot(linear.0, point) + constant.x
    let v = dot(linear.1, point) + constant.y
    let w = dot(linear.2, point) + constant.z
    return SIMD2(u / w, v / w)
  }

  /// The twelve numbers, row by row.
  public var rows: [[Double]] {
    [
      [linear.0.x, linear.0.y, linear.0.z, constant.x],
      [linear.1.x, linear.1.y, linear.1.z, constant.y],
      [linear.2.x, linear.2.y, linear.2.z, constant.z],
    ]
  }

  /// Matrices are equal when all their twelve numbers are.
  public static func == (a: ProjectionMatrix, b: ProjectionMatrix) -> Bool { a.rows == b.rows }
}

extension ProjectionGeometry {
  /// The 3x4 matrix of this geometry. For a cone beam, w is the depth of the point as a fraction of
  /// the source-to-detector distance along the detector's normal; for a parallel beam w = 1.
  ///
  /// With u, v the column and row steps and n = u x v, the dual vectors u* = (v x n)/|n|^2 and
  /// v* = (n x u)/|n|^2 read pixel positions off a point x of the detector plane:
  /// c = u* . (x - o), r = v* . (x - o). The ray from source s through p meets the plane at
  /// x = s + (p - s)/w with w = n . (p - s) / n . (o - s).
  public var matrix: ProjectionMatrix {
    let n = cross(columnStep, rowStep)
    let columnDual = cross(rowStep, n) / dot(n, n)
    let rowDual = cross(n, columnStep) / dot(n, n)
    switch beam {
    case .cone(let source):
      let depth = n / dot(n, pixelOrigin - source)
      // c w = u* . (s - o) w + u* . (p - s), linear in p; the same for r.
      func row(_ dual: Vector3) -> (Vector3, Double) {
        let offset = dot(dual, source - pixelOrigin)
        let linear = depth * offset + dual
        return (linear, -dot(linear, source))
      }
      let (c, c0) = row(columnDual)
      let (r, r0) = row(rowDual)
      return ProjectionMatrix(linear: (c, r, depth), constant: Vector3(c0, r0, -dot(depth, source)))
    case .parallel(let direction):
      // x = p - d t with t = n . (p - o) / n . d.
      func row(_ dual: Vector3) -> (Vector3, Double) {
        let linear = dual - n * (dot(dual, direction) / dot(n, direction))
        return (linear, -dot(linear, pixelOrigin))
      }
      let (c, c0) = row(columnDual)
      let (r, r0) = row(rowDual)
      return ProjectionMatrix(linear: (c, r, .zero), constant: Vector3(c0, r0, 1))
    }
  }

  /// The pixel position (column, row), fractional, of a world point (mm).
  public func project(_ point: Vector3) -> SIMD2<Double> { matrix.project(point) }
}
