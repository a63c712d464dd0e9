import SpiderCore
import SpiderSupport

/// A scan of wide voxels: what they leave of a patient's thin bone and narrow air.
///
/// Planning CTs have slices of 2 to 5 mm, and archives thin them out in plane. A network that has seen sharp heads
/// alone makes too much bone of X-rays of others.
package struct CoarseScan: Sendable {
  /// The edges of the wide voxels in plane, mm.
  static let pixels = 2.0...5.5
  /// The thickness of slices, mm.
  static let slices = 1.5...5.0

  /// The edges of the wide voxels, mm.
  package let spacing: Vector3
  /// Where each wide voxel's value comes from: the mean over it, or a single place, as scans have it that were
  /// thinned out.
  package let isAveraged: Bool

  /// A scan of a random stream.
  package init(_ random: inout SeededGenerator) {
    let pixel = random.uniform(in: Self.pixels)
    let slice = random.uniform(in: Self.slices)
    spacing = Vector3(pixel, pixel, slice)
    isAveraged = random.uniform() < 0.5
  }

  /// A scan of given voxels.
  package init(spacing: Vector3, isAveraged: Bool) {
    (self.spacing, self.isAveraged) = (spacing, isAveraged)
  }

  /// A volume as it comes out of this scan, interpolated back onto its own grid.
  package func scanned(_ volume: Volume) -> Volume {
    let wide = lattice(of: volume.grid)
    let seen =
      isAveraged
      ? volume.resampled(onto: wide, outside: 0)
      : Volume(
        grid: wide,
        values: VolumeKernels.sampleVolume(
          volume, at: places(of: wide, in: volume.grid), outside: 0))
    return seen.resampled(onto: volume.grid, outside: 0)
  }

  /// The wide voxels about the same middle: at least as many as cover the grid, none of which has its centre beyond
  /// it; along axes where the grid's own are wider, its own.
  private func lattice(of grid: VoxelGrid) -> VoxelGrid {
    let (counts, edges) = (SIMD3(grid.nx, grid.ny, grid.nz), grid.spacing)
    // In voxels of the grid.
    let ratio = Vector3(
      max(1, spacing.x / edges.x), max(1, spacing.y / edges.y), max(1, spacing.z / edges.z))
    let own = Vector3(counts)
    let wide = (own / ratio).rounded(.up)
    let start = (own - 1) / 2 - ratio * (wide - 1) / 2
    let step = Affine(scale: ratio, translation: start)
    return VoxelGrid(
      nx: Int(wide.x), ny: Int(wide.y), nz: Int(wide.z), affine: grid.affine.composed(with: step))
  }

  /// The centres of the wide voxels, in voxels of a grid, none beyond its outermost centres.
  private func places(of wide: VoxelGrid, in grid: VoxelGrid) -> [Vector3] {
    let map = wide.indexMap(to: grid)
    let last = Vector3(SIMD3(grid.nx, grid.ny, grid.nz) &- 1)
    return (0..<wide.count).map { index in
      let voxel = wide.voxel(at: index)
      return pointwiseMin(pointwiseMax(map.apply(Vector3(voxel)), .zero), last)
    }
  }
}
