/// A 3x4 matrix that takes a homogeneous world point (mm) to (column * w, row * w, w).
public struct ProjectionMatrix: Equatable, Sendable {
  /// The linear parts of the three rows.
  public let linear: (Vector3, Vector3, Vector3)
  /// The constant parts of the three rows.
  public let constant: Vector3

  /// The pixel position (column, row), fractional, where the ray through a world point meets the
  /// detector. A point in the source's own plane gives infinities.
  @inlinable public func project(_ point: Vector3) -> SIMD2<Double> {
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

extension ProjectionMatrix {
  /// A matrix from twelve numbers, row by row.
  public init(rows: [[Double]]) {
    precondition(rows.count == 3 && rows.allSatisfy { $0.count == 4 }, "rows of a 3x4 matrix")
    func linear(_ row: Int) -> Vector3 { Vector3(rows[row][0], rows[row][1], rows[row][2]) }
    self.init(
      linear: (linear(0), linear(1), linear(2)),
      constant: Vector3(rows[0][3], rows[1][3], rows[2][3]))
  }

  /// The depth coordinate w of a point: positive in front of the source in matrices of the usual sign.
  @inlinable public func depth(of point: Vector3) -> Double { dot(linear.2, point) + constant.z }

  /// The geometry of this matrix: source, and a detector with every pixel on its ray.
  ///
  /// With P = (M | m), the source is the point that has no image, s = -M^-1 m. A point p of the ray of
  /// pixel (c, r) fulfils M (p - s) = w (c, r, 1), so that the columns of M^-1 are, up to one common
  /// factor t, the column step, the row step and the vector from the source to pixel (0, 0). No
  /// decomposition M = K R into intrinsic and extrinsic parts is needed: skewed and oblong pixels stay
  /// as they are. The matrix leaves t open: a detector twice as far away with pixels twice as large
  /// makes the same image. `scale` chooses it.
  ///
  /// - Parameters:
  ///   - columns: pixels in a row.
  ///   - rows: pixels in a column.
  ///   - scale: what is known of the detector's size.
  ///   - seen: a point that the source sees, to tell the sign of the matrix; nil where w is positive in
  ///     front of the source.
  ///   - isocenter: is passed on.
  /// - Throws: ``ConversionError``.
  public func geometry(
    columns: Int, rows: Int, scale: DetectorScale, seen: Vector3? = nil, isocenter: Vector3? = nil
  ) throws(ConversionError) -> ProjectionGeometry {
    guard self.rows.allSatisfy({ $0.allSatisfy(\.isFinite) }) else {
      throw .notFinite(form: "the 3x4 matrix")
    }
    // Rows of M may differ by any factor without making it singular.
    let (a, b, c) = linear
    let volume = dot(a, cross(b, c))
    guard abs(volume) > 1e-12 * length(a) * length(b) * length(c) else {
      throw .singularMatrix
    }
    let inverse = (cross(b, c) / volume, cross(c, a) / volume, cross(a, b) / volume)
    let source = -(inverse.0 * constant.x + inverse.1 * constant.y + inverse.2 * constant.z)
    let sign = seen.map { depth(of: $0) < 0 ? -1.0 : 1 } ?? 1
    let t: Double
    switch scale {
    case .asScaled: t = 1
    case .pixel(let size):
      guard size > 0, size.isFinite else {
        throw .badValue(name: "the pixel size", value: size)
      }
      t = size / length(inverse.0)
    case .sourceToDetector(let distance):
      guard distance > 0, distance.isFinite else {
        throw .badValue(name: "SID", value: distance)
      }
      // Of unit t, pixel (0, 0) lies at w = 1, at distance 1 / |c| along the normal c.
      t = distance * length(c)
    }
    return try ConversionError.wrapping { () throws(GeometryError) in
      try ProjectionGeometry(
        beam: .cone(source: source), pixelOrigin: source + inverse.2 * (t * sign),
        columnStep: inverse.0 * (t * sign), rowStep: inverse.1 * (t * sign), columns: columns,
        rows: rows, isocenter: isocenter)
    }
  }
}

/// The length that fixes the scale of a detector known only by its 3x4 matrix.
public enum DetectorScale: Equatable, Sendable {
  /// The distance of a column from the next, mm.
  case pixel(Double)
  /// The distance of the source from the detector's plane, mm.
  case sourceToDetector(Double)
  /// The matrix's third row is the depth as a fraction of the detector's, as in Spider's own matrices.
  case asScaled
}

extension ProjectionMatrix {
  /// How many pixels a millimetre spans at most about a point, in whatever direction: the largest
  /// singular value of the derivative of ``project(_:)``.
  package func pixelsPerMillimetre(at point: Vector3) -> Double {
    let pixel = project(point)
    let w = dot(linear.2, point) + constant.z
    let a = (linear.0 - linear.2 * pixel.x) / w
    let b = (linear.1 - linear.2 * pixel.y) / w
    let (aa, bb, ab) = (dot(a, a), dot(b, b), dot(a, b))
    let root = ((aa - bb) * (aa - bb) + 4 * ab * ab).squareRoot()
    return ((aa + bb + root) / 2).squareRoot()
  }
}
