/// Where a grid's voxels lie for the decoder: in the canonical frame and in each view. Both are linear in
/// the voxel's indices, in double, before anything is rounded.
struct GridProjection {
  let grid: VoxelGrid
  /// Three rows (i, j, k, 1): the voxel's place in the canonical frame, (world - isocentre) / side.
  let canonical: [Double]
  /// For each view three rows (i, j, k, 1): column times w, row times w, and w.
  let matrices: [[Double]]

  init(
    _ grid: VoxelGrid, isocenter: Vector3, fieldOfView side: Double, matrices: [ProjectionMatrix]
  ) {
    let affine = grid.affine
    let columns = [affine.columns.0, affine.columns.1, affine.columns.2]
    self.grid = grid
    canonical = (0..<3).flatMap { axis in
      columns.map { $0[axis] / side } + [(affine.translation[axis] - isocenter[axis]) / side]
    }
    self.matrices = matrices.map { matrix in
      zip([matrix.linear.0, matrix.linear.1, matrix.linear.2], 0..<3).flatMap { linear, row in
        columns.map { dot(linear, $0) } + [dot(linear, affine.translation) + matrix.constant[row]]
      }
    }
  }

  /// The canonical axis along which each voxel axis runs, if all three run along one.
  ///
  /// A drift across of less than 1e-9 of the frame over the whole grid counts as none: it comes from
  /// rounding, and is far below that of the coordinates in single precision.
  var axes: [Int]? {
    let extent = [grid.nx - 1, grid.ny - 1, grid.nz - 1]
    let axes = (0..<3).map { voxelAxis in
      (0..<3).reduce(0) { best, axis in
        abs(step(axis, voxelAxis)) > abs(step(best, voxelAxis)) ? axis : best
      }
    }
    guard Set(axes).count == 3 else { return nil }
    for voxelAxis in 0..<3 {
      for axis in 0..<3 where axis != axes[voxelAxis] {
        let drift = step(axis, voxelAxis) * Double(extent[voxelAxis])
        guard abs(drift) < 1e-9 else { return nil }
      }
    }
    return axes
  }

  /// How far along a canonical axis a step along a voxel axis leads.
  func step(_ axis: Int, _ voxelAxis: Int) -> Double { canonical[4 * axis + voxelAxis] }

  /// The coordinate on canonical axis `axis` of the voxels along the voxel axis that runs along it.
  func coordinates(_ axis: Int, along voxelAxis: Int) -> [Float] {
    (0..<grid.shape[voxelAxis]).map {
      Float(canonical[4 * axis + 3] + step(axis, voxelAxis) * Double($0))
    }
  }
}
