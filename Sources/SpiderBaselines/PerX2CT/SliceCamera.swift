import Foundation
import SpiderCore

/// What tells where in an X-ray's features a point of the volume is seen.
public enum SliceCamera: Sendable {
  /// The published camera, whatever the X-ray's geometry.
  case published(PublishedCamera)
  /// The X-ray's own geometry.
  case detector(DetectorCamera)

  /// Where a point (D, H, W) is seen: (column, row), from -1 at the centre of the first feature to 1 at
  /// that of the last.
  func project(_ point: Vector3) -> (column: Double, row: Double) {
    switch self {
    case .published(let camera): camera.project(point)
    case .detector(let camera): camera.project(point)
    }
  }
}

/// The cameras of a patient's two X-rays.
public struct SliceCameras: Sendable {
  /// Of the frontal one.
  public var pa: SliceCamera
  /// Of the lateral one.
  public var lateral: SliceCamera

  /// Pairs two cameras.
  public init(pa: SliceCamera, lateral: SliceCamera) {
    self.pa = pa
    self.lateral = lateral
  }

  /// As published.
  public static let published = SliceCameras(
    pa: .published(.pa), lateral: .published(.lateral))
}

/// The pinhole cameras of PerX2CT: at distance 1 from the centre with a field of view of 60 degrees.
///
/// They are not the cameras that made the X-rays: the scale is right in the plane through the
/// isocentre, but the source is at 2.19 sides from it, not 1. The network has to undo that.
public enum PublishedCamera: Sendable, CaseIterable {
  /// The source at H = +1.
  case pa
  /// The source at W = +1.
  case lateral

  /// The published poses keep angles off zero by this much (rad), which tilts the PA camera.
  private static let tilt = 1e-5

  /// Where a point (D, H, W) is seen: (column, row), from -1 to 1 within the image.
  public func project(_ point: Vector3) -> (column: Double, row: Double) {
    let t = tan(Double.pi / 6)
    let (d, h, w) = (point.x, point.y, point.z)
    switch self {
    case .pa:
      let depth = (1 - h - Self.tilt * d) * t
      return (-w / depth, (d - Self.tilt * h) / depth)
    case .lateral:
      let depth = (1 - w) * t
      return (d / depth, -h / depth)
    }
  }
}

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
