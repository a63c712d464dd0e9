import SpiderCore

/// The pixel raster of one slice picture, placed in the world.
///
/// Pixels are square in millimetres whatever the voxels are, so the aspect ratio of an anisotropic
/// volume is right; and they are placed in the world, so the volume's orientation cannot turn the
/// picture.
package struct SliceRaster: Equatable, Sendable {
  /// The plane.
  package let plane: BodyPlane
  /// Pixels in a row.
  package let width: Int
  /// Pixels in a column.
  package let height: Int
  /// The side of a pixel, mm.
  package let pixelSize: Double
  private let middle: Vector3

  /// The slice through `point` that covers `box`, with pixels of `pixelSize` mm.
  package init(plane: BodyPlane, through point: Vector3, covering box: WorldBox, pixelSize: Double)
  {
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
  package func worldPoint(x: Int, y: Int) -> Vector3 {
    let right = (Double(x) - Double(width - 1) / 2) * pixelSize
    let down = (Double(y) - Double(height - 1) / 2) * pixelSize
    return middle + plane.rightward.direction * right + plane.downward.direction * down
  }

  /// The pixel position, fractional, above which a world point (mm) lies.
  package func pixel(of point: Vector3) -> SIMD2<Double> {
    let offset = (point - middle) / pixelSize
    return SIMD2(
      dot(offset, plane.rightward.direction) + Double(width - 1) / 2,
      dot(offset, plane.downward.direction) + Double(height - 1) / 2)
  }
}

/// One of the three planes of the body, with the way Spider shows it.
///
/// Display is radiological: in axial and coronal slices the patient's right is at the viewer's left, in
/// sagittal slices the patient faces the viewer's left. Anterior is up in axial slices, superior in
/// the others.
package enum BodyPlane: String, CaseIterable, Sendable {
  /// Across the body, seen from the feet.
  case axial
  /// Parallel to the face, seen from the front.
  case coronal
  /// Parallel to the profile, seen from the patient's left.
  case sagittal

  /// The direction of the patient to which the picture's columns count: its right edge.
  package var rightward: AnatomicalAxis { self == .sagittal ? .posterior : .left }

  /// The direction of the patient to which the picture's rows count: its bottom edge.
  package var downward: AnatomicalAxis { self == .axial ? .posterior : .inferior }

  /// The world axis (0, 1, 2) on which the plane's place is given.
  package var normalAxis: Int { 3 - rightward.worldAxis - downward.worldAxis }
}

extension AnatomicalAxis {
  /// The direction the other way.
  var opposite: AnatomicalAxis { AnatomicalAxis(worldAxis: worldAxis, positive: sign < 0) }
}

/// An axis-aligned box of the world, in RAS+ millimetres.
public struct WorldBox: Equatable, Sendable {
  /// The corner with the smallest coordinates.
  public let low: Vector3
  /// The corner with the largest coordinates.
  public let high: Vector3

  /// Builds a box that is not empty.
  public init(low: Vector3, high: Vector3) {
    precondition(all(low .< high), "a box from \(low) to \(high)")
    self.low = low
    self.high = high
  }

  /// The smallest box around a grid, outer faces of the outer voxels included.
  public init(around grid: VoxelGrid) {
    let (low, high) = grid.bounds
    self.init(low: low, high: high)
  }

  /// The middle of the box.
  public var center: Vector3 { (low + high) / 2 }

  /// The side lengths, mm.
  public var size: Vector3 { high - low }
}
