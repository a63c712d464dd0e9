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
