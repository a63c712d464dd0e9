import SpiderImaging

/// How the rays of one geometry are followed through one grid: the one place that chooses.
///
/// - *By lines*, where a direction of the detector (down its columns or along its rows) is parallel to
///   the voxel axis that is fastest in memory: the rays along that direction share their path through
///   the other two axes, and read whole lines of voxels. True of every named view of an upright volume,
///   once it is in the right order.
/// - *By bundles* otherwise (tilted views, turned patients): eight neighbours at a time, along the
///   direction of the detector that is nearest to the fastest axis.
///
/// Where another order of the axes suits the view much better, a reordered copy of the volume is made,
/// provided that there is enough work to pay for it.
///
/// Both follow each ray plane by plane across its own main axis, the one along which its index changes
/// fastest, and give the same result up to rounding.
struct RayPlan {
  /// A direction of the detector.
  enum Direction: Sendable { case downColumns, alongRows }

  /// The memory order in which the volume is read.
  let order: VoxelOrder
  /// The direction in which neighbouring rays are taken together.
  let neighbours: Direction
  /// Whether they share their path.
  let byLines: Bool

  init(_ geometry: ProjectionGeometry, in grid: VoxelGrid) {
    // A copy of a voxel costs about as much as two samples of a ray save.
    let samples = geometry.count * max(grid.nx, grid.ny, grid.nz)
    let order =
      samples >= grid.count / 2 ? VoxelOrder(for: [geometry], in: grid) : VoxelOrder.standard
    let rays = IndexRays(geometry, in: grid.reordered(order))
    let direction = Self.lineDirection(rays, axis: 0)
    let nearest: Direction =
      Self.alignment(rays.rowStep, axis: 0) >= Self.alignment(rays.columnStep, axis: 0)
      ? .downColumns : .alongRows
    self.order = order
    neighbours = direction ?? nearest
    byLines = direction != nil
  }

  /// How much better another fastest axis must suit a view to be worth a copy.
  static let worthwhileGain = 0.4

  /// How well the rays of a view are followed when a voxel axis is the fastest in memory: 2 by lines; by
  /// bundles, the cosine between the axis and the nearer direction of the detector. (An axis that runs
  /// along the rays themselves is the worst: then neighbouring rays share no cache line.)
  static func suitability(of axis: Int, for rays: IndexRays) -> Double {
    guard lineDirection(rays, axis: axis) == nil else { return 2 }
    return max(alignment(rays.rowStep, axis: axis), alignment(rays.columnStep, axis: axis))
  }

  /// The direction of the detector that is parallel to a voxel axis, if there is one.
  private static func lineDirection(_ rays: IndexRays, axis: Int) -> Direction? {
    if isParallel(rays.rowStep * Double(rays.rows), axis: axis) { return .downColumns }
    if isParallel(rays.columnStep * Double(rays.columns), axis: axis) { return .alongRows }
    return nil
  }

  /// Parallel enough: across the whole detector, what is neglected stays below the rounding of
  /// positions in float.
  private static func isParallel(_ span: Vector3, axis: Int) -> Bool {
    (0..<3).allSatisfy { $0 == axis || abs(span[$0]) < 1e-6 } && span[axis] != 0
  }

  private static func alignment(_ step: Vector3, axis: Int) -> Double {
    abs(step[axis]) / length(step)
  }
}
