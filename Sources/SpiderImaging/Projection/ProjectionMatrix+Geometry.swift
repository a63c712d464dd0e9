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
  public func depth(of point: Vector3) -> Double { dot(linear.2, point) + constant.z }

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
  /// - Throws: ``ConversionError`` or ``GeometryError``.
  public func geometry(
    columns: Int, rows: Int, scale: DetectorScale, seen: Vector3? = nil, isocenter: Vector3? = nil
  ) throws -> ProjectionGeometry {
    guard self.rows.allSatisfy({ $0.allSatisfy(\.isFinite) }) else {
      throw ConversionError.notFinite(form: "the 3x4 matrix")
    }
    // Rows of M may differ by any factor without making it singular.
    let (a, b, c) = linear
    let volume = dot(a, cross(b, c))
    guard abs(volume) > 1e-12 * length(a) * length(b) * length(c) else {
      throw ConversionError.singularMatrix
    }
    let inverse = (cross(b, c) / volume, cross(c, a) / volume, cross(a, b) / volume)
    let source = -(inverse.0 * constant.x + inverse.1 * constant.y + inverse.2 * constant.z)
    let sign = seen.map { depth(of: $0) < 0 ? -1.0 : 1 } ?? 1
    let t: Double
    switch scale {
    case .asScaled: t = 1
    case .pixel(let size):
      guard size > 0, size.isFinite else {
        throw ConversionError.badValue(name: "the pixel size", value: size)
      }
      t = size / length(inverse.0)
    case .sourceToDetector(let distance):
      guard distance > 0, distance.isFinite else {
        throw ConversionError.badValue(name: "SID", value: distance)
      }
      // Of unit t, pixel (0, 0) lies at w = 1, at distance 1 / |c| along the normal c.
      t = distance * length(c)
    }
    return try ProjectionGeometry(
      beam: .cone(source: source), pixelOrigin: source + inverse.2 * (t * sign),
      columnStep: inverse.0 * (t * sign), rowStep: inverse.1 * (t * sign), columns: columns,
      rows: rows, isocenter: isocenter)
  }
}
