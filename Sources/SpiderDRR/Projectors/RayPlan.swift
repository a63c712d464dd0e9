import SpiderCore

/// How the rays of one geometry are followed through one grid: the one place that chooses.
///
/// - *By lines*, where a direction of the detector (down its columns or along its rows) is parallel to a
///   voxel axis: the rays along that direction share their path through the other two axes, and read
///   whole lines of voxels. True of every named view of an upright volume. The axis must be the fastest
///   in memory; if it is another one, a reordered copy is made when there is enough work to pay for it.
/// - *By bundles* otherwise (tilted views, turned patients): eight neighbours at a time, along the
///   direction of the detector that is nearest to the fastest axis.
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
    let rays = IndexRays(geometry, in: grid)
    if let direction = Self.lineDirection(rays, axis: 0) {
      (order, neighbours, byLines) = (.standard, direction, true)
      return
    }
    // A copy of a voxel costs about as much as two samples of a ray save.
    let samples = geometry.count * max(grid.nx, grid.ny, grid.nz)
    for axis in 1..<3 where samples >= grid.count / 2 {
      guard let direction = Self.lineDirection(rays, axis: axis) else { continue }
      (order, neighbours, byLines) = (VoxelOrder(fastest: axis), direction, true)
      return
    }
    let along = Self.alignment(rays.rowStep, axis: 0) >= Self.alignment(rays.columnStep, axis: 0)
    (order, neighbours, byLines) = (.standard, along ? .downColumns : .alongRows, false)
  }

  /// The direction of the detector that is parallel to a voxel axis, if there is one.
  static func lineDirection(_ rays: IndexRays, axis: Int) -> Direction? {
    if isParallel(rays.rowStep * Double(rays.rows), axis: axis) { return .downColumns }
    if isParallel(rays.columnStep * Double(rays.columns), axis: axis) { return .alongRows }
    return nil
  }

  /// The voxel axis nearest to a direction of the detector.
  static func bestAxis(_ rays: IndexRays) -> Int {
    let scores = (0..<3).map { axis in
      max(alignment(rays.rowStep, axis: axis), alignment(rays.columnStep, axis: axis))
    }
    return scores.firstIndex(of: scores.max() ?? 0) ?? 0
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
