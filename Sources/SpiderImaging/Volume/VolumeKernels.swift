internal import CSpiderKernels

/// The wrappers of the C kernels that sample and warp volumes.
package enum VolumeKernels {
  /// Trilinear values of a volume at fractional voxel positions; `outside` beyond half a voxel from
  /// the border. The plain definition is ``Image3D/trilinear(at:outside:)``.
  package static func sampleVolume(
    _ volume: Volume, at places: [Vector3], outside: Float
  ) -> [Float] {
    let grid = volume.grid
    precondition(
      volume.values.count == grid.count, "\(volume.values.count) values for \(grid.shape) voxels")
    let ijk = coordinates(places)
    var result = [Float](repeating: outside, count: places.count)
    unsafe spider_sample_volume(
      volume.values, Int32(grid.nx), Int32(grid.ny), Int32(grid.nz), ijk,
      Int64(places.count), outside, &result)
    return result
  }

  /// A lattice of `nodes`^3 displacements over the voxels of a grid, its outer nodes on the outer
  /// voxels' centres; trilinear between, the edge's value beyond.
  package struct DisplacementLattice: Sendable {
    /// Nodes along each side.
    package let nodes: Int
    /// Displacements in voxels, [nodes][nodes][nodes][3], x first.
    package let values: [Float]

    /// Takes the displacements of at least two nodes a side.
    package init(nodes: Int, values: [Float]) {
      precondition(
        nodes >= 2 && values.count == 3 * nodes * nodes * nodes,
        "\(values.count) numbers for \(nodes) nodes a side")
      self.nodes = nodes
      self.values = values
    }
  }

  /// Displacements in voxels at fractional voxel positions of a grid.
  package static func displacements(
    _ lattice: DisplacementLattice, _ grid: VoxelGrid, at places: [Vector3]
  ) -> [Vector3] {
    let ijk = coordinates(places)
    var result = [Float](repeating: 0, count: ijk.count)
    unsafe spider_displacement(
      lattice.values, Int32(lattice.nodes), Int32(grid.nx), Int32(grid.ny), Int32(grid.nz), ijk,
      Int64(places.count), &result)
    return places.indices.map {
      Vector3(Double(result[3 * $0]), Double(result[3 * $0 + 1]), Double(result[3 * $0 + 2]))
    }
  }

  /// For every voxel x, the value of a volume at x + d(x) with the displacement d of the lattice; 0
  /// where that is outside. The plain definition is ``displacements(_:_:at:)`` followed by
  /// ``Image3D/trilinear(at:outside:)``.
  package static func warp(_ volume: Volume, _ lattice: DisplacementLattice) -> [Float] {
    let grid = volume.grid
    precondition(
      volume.values.count == grid.count, "\(volume.values.count) values for \(grid.shape) voxels")
    var result = [Float](repeating: 0, count: grid.count)
    unsafe spider_warp_volume(
      volume.values, Int32(grid.nx), Int32(grid.ny), Int32(grid.nz), lattice.values,
      Int32(lattice.nodes), 0, Int32(grid.nz), &result)
    return result
  }

  private static func coordinates(_ places: [Vector3]) -> [Float] {
    places.flatMap { [Float($0.x), Float($0.y), Float($0.z)] }
  }
}
