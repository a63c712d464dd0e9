internal import CSpiderKernels
import SpiderCore

/// A smooth random deformation of a patient: displacements on a coarse lattice, trilinear between.
///
/// The deformed volume at x is the original at x + d(x). With nodes 50 mm apart and displacements of a
/// few mm, neighbouring points keep their order: nothing folds, and the anatomy stays connected.
package struct Deformation: Sendable {
  /// Nodes along each side.
  static let nodes = 6

  private let grid: VoxelGrid
  /// Displacements in voxels, [L][L][L][3].
  private let lattice: [Float]

  /// A deformation with displacements of a standard deviation in mm; nil when it is 0.
  package init?(deviation: Double, grid: VoxelGrid, _ random: inout SeededGenerator) {
    guard deviation > 0 else { return nil }
    self.grid = grid
    let spacing = grid.spacing
    // At most 2.5 deviations: a rare large draw must not fold.
    lattice = (0..<Self.nodes * Self.nodes * Self.nodes).flatMap { _ in
      (0..<3).map { axis in
        Float(deviation * max(-2.5, min(2.5, random.normal())) / spacing[axis])
      }
    }
  }

  /// Displacements in voxels at fractional voxel positions.
  package func displacements(at places: [Vector3]) -> [Vector3] {
    let ijk = places.flatMap { [Float($0.x), Float($0.y), Float($0.z)] }
    var result = [Float](repeating: 0, count: ijk.count)
    unsafe spider_displacement(
      lattice, Int32(Self.nodes), Int32(grid.nx), Int32(grid.ny), Int32(grid.nz), ijk,
      Int64(places.count), &result)
    return places.indices.map {
      Vector3(Double(result[3 * $0]), Double(result[3 * $0 + 1]), Double(result[3 * $0 + 2]))
    }
  }

  /// The values of a deformed volume on the same grid; 0 where they come from outside.
  package func warped(_ volume: Volume) -> [Float] {
    precondition(volume.grid.shape == grid.shape, "a volume of another grid")
    var result = [Float](repeating: 0, count: grid.count)
    unsafe spider_warp_volume(
      volume.values, Int32(grid.nx), Int32(grid.ny), Int32(grid.nz), lattice, Int32(Self.nodes), 0,
      Int32(grid.nz), &result)
    return result
  }

  /// The same by the definition, voxel by voxel in double: the reference of the tests.
  package func referenceWarped(_ volume: Volume) -> [Double] {
    let places = (0..<grid.count).map { index in
      let voxel = grid.voxel(at: index)
      return Vector3(Double(voxel.x), Double(voxel.y), Double(voxel.z))
    }
    return zip(places, displacements(at: places)).map {
      VolumeSampler.reference(volume, at: $0 + $1, outside: 0)
    }
  }
}
