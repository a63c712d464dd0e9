import SpiderImaging
import SpiderSupport

/// The exact projector written plainly, voxel by voxel in double precision (Siddon, Med. Phys. 12 (1985)
/// 252): what the fast one is measured against.
///
/// It has no limit on the number of voxels, so ``ExactProjector`` also falls back on it there.
public struct ExactReference: Projector {
  /// A projector without settings.
  public init() {}

  /// The line integrals of a volume in double precision, row by row.
  public func lineIntegrals(_ attenuation: Volume, _ geometry: ProjectionGeometry) -> [Double] {
    let grid = attenuation.grid
    return IndexRays.lineIntegrals(of: attenuation, geometry) { ray, add in
      VoxelWalk.forEachVoxel(of: ray, in: grid, slices: 0..<grid.nz, add)
    }
  }

  /// The line integrals of a volume.
  public func forward(_ attenuation: Volume, _ geometry: ProjectionGeometry) -> [Float] {
    lineIntegrals(attenuation, geometry).map(Float.init)
  }

  /// The transpose of ``forward(_:_:)``. Slices are independent of one another, so the workers share
  /// them and the result does not depend on how.
  public func adjoint(
    _ image: [Float], _ geometry: ProjectionGeometry, onto grid: VoxelGrid
  ) -> Volume {
    precondition(
      image.count == geometry.count, "\(image.count) values for \(geometry.count) pixels")
    let rays = IndexRays(geometry, in: grid)
    let plane = grid.nx * grid.ny
    let size = 16
    let slabs = Parallel.map((grid.nz + size - 1) / size) { slab -> [Float] in
      let slices = slab * size..<min((slab + 1) * size, grid.nz)
      var sums = [Double](repeating: 0, count: slices.count * plane)
      for row in 0..<geometry.rows {
        for column in 0..<geometry.columns {
          let value = Double(image[row * geometry.columns + column])
          guard value != 0 else { continue }
          VoxelWalk.forEachVoxel(
            of: rays.ray(column: column, row: row), in: grid, slices: slices
          ) { index, length in sums[index - slices.lowerBound * plane] += length * value }
        }
      }
      return sums.map(Float.init)
    }
    return Volume(grid: grid, values: slabs.flatMap { $0 })
  }
}
