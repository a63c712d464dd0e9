import SpiderCore

/// One voxel in the making: structures are painted over one another, each covering the share of the
/// voxel that its distance tells.
struct Sample {
  /// The CT number so far, HU.
  private(set) var hounsfield: Float = Tissue.air
  /// The class at the voxel's centre so far.
  private(set) var label: UInt8 = HeadLabel.background
  /// The width of an edge, mm: the voxel's size and the scanner's blur together.
  let edge: Float
  private let inverseEdge: Float

  /// The least depth of bone under the skin, mm, measured with the head's own scale.
  static let leastCover: Float = 2.6

  /// A voxel of air whose side is `voxel` mm, seen by a scanner that blurs edges over `blur` mm.
  init(voxel: Float, blur: Float) {
    edge = (voxel * voxel + blur * blur).squareRoot()
    inverseEdge = 1 / edge
  }

  /// The share of the voxel inside a shape at a signed distance: a ramp one voxel wide, which is the
  /// exact share where the edge is a plane along the grid.
  @inline(__always) func coverage(_ distance: Float) -> Float {
    clamp(0.5 - distance * inverseEdge, 0, 1)
  }

  /// Paints a shape with a CT number, and gives its class to the voxel if the centre is inside.
  @inline(__always) mutating func cover(_ distance: Float, _ value: Float, _ newLabel: UInt8) {
    hounsfield += (value - hounsfield) * coverage(distance)
    if distance < 0 { label = newLabel }
  }

  /// Paints a shape with a CT number; the class stays.
  @inline(__always) mutating func tint(_ distance: Float, _ value: Float) {
    hounsfield += (value - hounsfield) * coverage(distance)
  }

  /// Paints a sheet about a surface. The share is the sheet's part of the voxel, also where it is
  /// thinner than the voxel.
  @inline(__always) mutating func coverSheet(
    _ distance: Float, thickness: Float, within limit: Float, _ value: Float, _ newLabel: UInt8
  ) {
    let share = coverage(distance - thickness / 2) - coverage(distance + thickness / 2)
    hounsfield += (value - hounsfield) * share * coverage(limit)
    if abs(distance) < thickness / 2, limit < 0 { label = newLabel }
  }
}
