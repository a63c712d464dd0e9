/// The nine physical numbers of a flat detector with known, perpendicular pixels: what calibration
/// refines.
///
/// With R the rotation whose rows are the column, row and normal direction of the detector, a point p has
/// the coordinates q = R (p - s) about the source and appears at
///
///     c = c0 + (SID / a) qx / qz        r = r0 + (SID / b) qy / qz
///
/// where a x b is the size of a pixel. The normal points from the source to the detector. Where the image
/// hangs mirrored, R is a rotation with a reflection; turning it by small rotations keeps it so.
struct ArmParameters {
  /// The source s, world mm.
  var source: Vector3
  /// The unit vectors along columns and rows, and the normal from source to detector.
  var axes: (Vector3, Vector3, Vector3)
  /// Source to detector along the normal, mm.
  var sourceToDetector: Double
  /// The pixel position (c0, r0) of the foot of the perpendicular from the source.
  var principalPoint: SIMD2<Double>
  /// Size a x b of a pixel, mm.
  let pixelSize: SIMD2<Double>

  /// Unknowns: source (3), rotation (3), SID, principal point (2).
  static let count = 9

  /// The nearest such parameters of a geometry whose pixels may be skewed or of other size.
  init(_ geometry: ProjectionGeometry, source: Vector3, pixelSize: SIMD2<Double>) {
    let normal = cross(geometry.columnStep, geometry.rowStep)
    let depth = dot(normal, geometry.pixelOrigin - source)
    let handed = depth < 0 ? -1.0 : 1
    let column = normalized(geometry.columnStep)
    let along = normalized(normal) * handed
    self.source = source
    axes = (column, cross(along, column) * handed, along)
    // Brought to the known pixel area, distances scale with it.
    let area = (length(geometry.columnStep) * length(geometry.rowStep)).squareRoot()
    sourceToDetector =
      abs(depth) / length(normal) * (pixelSize.x * pixelSize.y).squareRoot() / area
    principalPoint = geometry.principalPoint ?? .zero
    self.pixelSize = pixelSize
  }

  /// A point's place about the source, along the detector's axes.
  func local(_ point: Vector3) -> Vector3 {
    let d = point - source
    return Vector3(dot(axes.0, d), dot(axes.1, d), dot(axes.2, d))
  }

  /// The pixel position of a point.
  func project(_ point: Vector3) -> SIMD2<Double> {
    let q = local(point)
    return principalPoint + sourceToDetector / pixelSize * SIMD2(q.x, q.y) / q.z
  }

  /// The derivatives of a point's column and row by the nine unknowns.
  ///
  /// A step of the source moves q by -R ds; a small rotation w moves it by w x q. By the quotient rule,
  /// dc = (SID / a) (dqx - (qx / qz) dqz) / qz.
  func derivatives(_ point: Vector3) -> (column: [Double], row: [Double]) {
    let q = local(point)
    let slope = SIMD2(q.x, q.y) / q.z
    let factor = sourceToDetector / pixelSize / q.z
    func change(_ d: Vector3) -> SIMD2<Double> { factor * (SIMD2(d.x, d.y) - slope * d.z) }
    let units = [Vector3(1, 0, 0), Vector3(0, 1, 0), Vector3(0, 0, 1)]
    let bySource = units.map { unit in
      change(-Vector3(dot(axes.0, unit), dot(axes.1, unit), dot(axes.2, unit)))
    }
    let byRotation = units.map { change(cross($0, q)) }
    let all =
      bySource + byRotation + [slope / pixelSize, SIMD2<Double>(1, 0), SIMD2<Double>(0, 1)]
    return (all.map(\.x), all.map(\.y))
  }

  /// The parameters after a step of the nine unknowns.
  func moved(by step: [Double]) -> ArmParameters {
    precondition(step.count == Self.count, "\(step.count) of \(Self.count) unknowns")
    var result = self
    result.source += Vector3(Array(step[0..<3]))
    let turn = Vector3(Array(step[3..<6]))
    let angle = length(turn)
    if angle > 0 {
      // R becomes exp(w) R: the column of R that belongs to a world axis turns in the local frame.
      let rotation = Affine.rotation(angle: angle, axis: turn / angle)
      func column(_ k: Int) -> Vector3 {
        rotation.applyLinear(Vector3(axes.0[k], axes.1[k], axes.2[k]))
      }
      let (x, y, z) = (column(0), column(1), column(2))
      result.axes = (
        Vector3(x.x, y.x, z.x), Vector3(x.y, y.y, z.y), Vector3(x.z, y.z, z.z)
      )
    }
    result.sourceToDetector += step[6]
    result.principalPoint += SIMD2(step[7], step[8])
    return result
  }

  /// The geometry of an image of so many pixels.
  func geometry(
    columns: Int, rows: Int, isocenter: Vector3?
  ) throws(GeometryError) -> ProjectionGeometry {
    let columnStep = axes.0 * pixelSize.x
    let rowStep = axes.1 * pixelSize.y
    return try ProjectionGeometry(
      beam: .cone(source: source),
      pixelOrigin: source + axes.2 * sourceToDetector - columnStep * principalPoint.x
        - rowStep * principalPoint.y, columnStep: columnStep, rowStep: rowStep, columns: columns,
      rows: rows, isocenter: isocenter)
  }
}
