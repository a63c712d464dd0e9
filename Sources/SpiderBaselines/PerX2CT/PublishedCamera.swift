import Foundation
import SpiderCore

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
