import SpiderImaging

/// The blur that a focal spot of some size causes.
///
/// A point of the patient throws a shadow of the spot's size times M - 1, M the magnification. It is
/// taken as that at the isocentre for all points, and the square spot as a Gaussian of the same
/// variance. A parallel beam has no magnification and no blur.
enum FocalSpot {
  /// The blur of a square spot with sides of `size` mm; nil for none.
  static func blur(size: Double, _ geometry: ProjectionGeometry, about center: Vector3)
    -> GaussianBlur?
  {
    guard size > 0, case .cone(let source) = geometry.beam else { return nil }
    let normal = cross(geometry.columnStep, geometry.rowStep)
    let toPoint = dot(normal, (geometry.isocenter ?? center) - source)
    // What lies at the source or behind it has no shadow.
    guard toPoint * dot(normal, geometry.pixelOrigin - source) > 0 else { return nil }
    let magnification = dot(normal, geometry.pixelOrigin - source) / toPoint
    // The variance of a uniform law of width 1 is 1/12.
    let deviation = size * abs(magnification - 1) / 12.0.squareRoot()
    return GaussianBlur(
      columns: deviation / length(geometry.columnStep), rows: deviation / length(geometry.rowStep))
  }
}
