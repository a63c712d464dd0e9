import SpiderCore

/// Where the pixels of one slice picture lie in the world.
///
/// Pixels are square in millimetres whatever the voxels are, so the aspect ratio of an anisotropic
/// volume is right; and they are placed in the world, so the volume's orientation cannot turn the
/// picture.
public struct SlicePlacement: Equatable, Sendable {
  /// The plane.
  public let plane: BodyPlane
  /// Pixels in a row.
  public let width: Int
  /// Pixels in a column.
  public let height: Int
  /// The side of a pixel, mm.
  public let pixelSize: Double
  private let middle: Vector3

  /// The slice through `point` that covers `box`, with pixels of `pixelSize` mm.
  public init(plane: BodyPlane, through point: Vector3, covering box: WorldBox, pixelSize: Double) {
    self.plane = plane
    self.pixelSize = pixelSize
    func count(_ axis: AnatomicalAxis) -> Int {
      max(1, Int((box.size[axis.worldAxis] / pixelSize).rounded()))
    }
    width = count(plane.rightward)
    height = count(plane.downward)
    var middle = box.center
    middle[plane.normalAxis] = point[plane.normalAxis]
    self.middle = middle
  }

  /// The world position (mm) of a pixel's centre.
  public func worldPoint(x: Int, y: Int) -> Vector3 {
    let right = (Double(x) - Double(width - 1) / 2) * pixelSize
    let down = (Double(y) - Double(height - 1) / 2) * pixelSize
    return middle + plane.rightward.direction * right + plane.downward.direction * down
  }

  /// The pixel position, fractional, above which a world point (mm) lies.
  public func pixel(of point: Vector3) -> SIMD2<Double> {
    let offset = (point - middle) / pixelSize
    return SIMD2(
      dot(offset, plane.rightward.direction) + Double(width - 1) / 2,
      dot(offset, plane.downward.direction) + Double(height - 1) / 2)
  }
}
