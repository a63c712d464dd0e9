/// A point whose place is known in the world and on an image.
public struct CalibrationPoint: Equatable, Sendable {
  /// Where it is, world RAS+ mm.
  public var world: Vector3
  /// Where it appears (column, row), in pixels from the centre of pixel (0, 0).
  public var pixel: SIMD2<Double>

  /// Pairs a place with its image.
  public init(world: Vector3, pixel: SIMD2<Double>) {
    self.world = world
    self.pixel = pixel
  }
}
