import SpiderCore

/// An X-ray's own geometry as PerX2CT's camera: the option `true-geometry`.
///
/// The encoder's strides centre its feature i on pixel 8 i. The published camera takes the centres of
/// the outermost features for the edges of the image instead.
public struct DetectorCamera: Sendable {
  /// Pixels from one feature to the next.
  private static let stride = 8.0

  private let matrix: ProjectionMatrix
  private let orientation: PublishedOrientation
  private let view: PublishedOrientation.View
  private let isocenter: Vector3
  private let side: Double
  private let pixels: Int

  /// The camera of an X-ray.
  ///
  /// - Parameters:
  ///   - geometry: of the X-ray as X2CT-GAN's view has it, square.
  ///   - view: which it is.
  ///   - orientation: how the volume is stored.
  ///   - isocenter: the middle of the volume, world mm.
  ///   - side: the volume's side, mm.
  public init(
    _ geometry: ProjectionGeometry, as view: PublishedOrientation.View,
    in orientation: PublishedOrientation, isocenter: Vector3, side: Double
  ) {
    precondition(geometry.columns == geometry.rows, "square X-rays")
    matrix = geometry.matrix
    self.view = view
    self.orientation = orientation
    self.isocenter = isocenter
    self.side = side
    pixels = geometry.columns
  }

  /// Where a point (D, H, W), in sides of the volume, is seen.
  func project(_ point: Vector3) -> (column: Double, row: Double) {
    let pixel = PublishedOrientation.perX2CT(
      pixel: matrix.project(isocenter + orientation.world(point) * side), side: pixels, as: view)
    let last = Double(pixels) / Self.stride - 1
    let place = pixel / Self.stride / last * 2 - 1
    return (place.x, place.y)
  }
}
