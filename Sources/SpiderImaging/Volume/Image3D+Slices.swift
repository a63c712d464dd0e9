import SpiderSupport

extension Image3D where Voxel: Sendable {
  /// Fills a grid slice by slice, the cores of the machine sharing the slices.
  ///
  /// - Parameter slice: the `ny` x `nx` voxels of slice k, i fastest. It is called once for every
  ///   k,
  ///   in no particular order.
  public init(grid: VoxelGrid, slice: @Sendable (_ k: Int) -> [Voxel]) {
    let slices = Parallel.map(grid.nz, slice)
    var values: [Voxel] = []
    values.reserveCapacity(grid.count)
    for voxels in slices { values.append(contentsOf: voxels) }
    self.init(grid: grid, values: values)
  }

  /// The voxels of slice k, i fastest.
  package func slice(_ k: Int) -> ArraySlice<Voxel> {
    values[(k * grid.nx * grid.ny)..<((k + 1) * grid.nx * grid.ny)]
  }
}
