import SpiderCore

/// A smooth random deformation of a patient: displacements on a coarse lattice, trilinear between.
///
/// The deformed volume at x is the original at x + d(x). With nodes 50 mm apart and displacements of a
/// few mm, neighbouring points keep their order: nothing folds, and the anatomy stays connected.
package struct Deformation: Sendable {
  /// Nodes along each side.
  static let nodes = 6

  private let grid: VoxelGrid
  private let lattice: Kernels.DisplacementLattice

  /// A deformation with displacements of a standard deviation in mm; nil when it is 0.
  package init?(deviation: Double, grid: VoxelGrid, _ random: inout SeededGenerator) {
    guard deviation > 0 else { return nil }
    self.grid = grid
    let spacing = grid.spacing
    // At most 2.5 deviations: a rare large draw must not fold.
    let values = (0..<Self.nodes * Self.nodes * Self.nodes).flatMap { _ in
      (0..<3).map { axis in
        Float(deviation * max(-2.5, min(2.5, random.normal())) / spacing[axis])
      }
    }
    lattice = Kernels.DisplacementLattice(nodes: Self.nodes, values: values)
  }

  /// Displacements in voxels at fractional voxel positions.
  package func displacements(at places: [Vector3]) -> [Vector3] {
    Kernels.displacements(lattice, grid, at: places)
  }

  /// The values of a deformed volume on the same grid; 0 where they come from outside.
  package func warped(_ volume: Volume) -> [Float] {
    precondition(volume.grid.shape == grid.shape, "a volume of another grid")
    return Kernels.warp(volume, lattice)
  }

  /// The same by the definition, voxel by voxel in double: the reference of the tests.
  package func referenceWarped(_ volume: Volume) -> [Double] {
    let places = (0..<grid.count).map { index in
      let voxel = grid.voxel(at: index)
      return Vector3(Double(voxel.x), Double(voxel.y), Double(voxel.z))
    }
    return zip(places, displacements(at: places)).map {
      volume.trilinear(at: $0 + $1, outside: 0)
    }
  }
}
