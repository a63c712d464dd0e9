/// What the numbers of a radiograph mean.
public enum RadiographIntensity: String, Sendable, Codable {
  /// Line integrals of attenuation, -ln(I/I0), without unit.
  case absolute
  /// Open field 0, 99.5th percentile of the head 1; gain and tone curve unknown.
  case relative
}

/// An X-ray image with the geometry that made it.
///
/// Values are row by row from the top left as it hangs: index `row * columns + column`. Bone is
/// bright: a larger number means more attenuation.
public struct Radiograph: Equatable, Sendable {
  /// How it was taken.
  public let geometry: ProjectionGeometry
  /// The pixels, `rows` x `columns`.
  public var values: [Float]
  /// What the numbers mean.
  public var intensity: RadiographIntensity
  /// `false` where a pixel says nothing (collimated, or its ray leaves the scan); nil: all count.
  public var mask: [Bool]?

  /// Puts pixels on a detector; their count must be the geometry's.
  public init(
    geometry: ProjectionGeometry, values: [Float], intensity: RadiographIntensity = .absolute,
    mask: [Bool]? = nil
  ) {
    precondition(
      values.count == geometry.count, "\(values.count) values for \(geometry.count) pixels")
    precondition(mask.map { $0.count == values.count } ?? true, "the mask must cover the image")
    self.geometry = geometry
    self.values = values
    self.intensity = intensity
    self.mask = mask
  }

  /// The pixel in a column and a row.
  public subscript(column: Int, row: Int) -> Float { values[row * geometry.columns + column] }
}
