import SpiderCore
import SpiderDRR
import SpiderSupport

/// A scan that ends early: only a random box of voxels of the patient has been scanned.
///
/// Real scans end behind the head, at its sides, in the face, under the vault. Without such ends a network
/// trained on whole heads takes masked pixels for air.
package struct RandomFieldOfView: Sendable {
  /// The first and the last voxel along each axis that are scanned.
  package let first: SIMD3<Int>
  package let last: SIMD3<Int>

  /// The chance of each side to end early, and the share of the patient that it takes at most; little is
  /// likelier than much.
  private static let share = 0.3
  private static let depth = 0.3

  /// A cut of a random stream through a patient whose tissue lies in a box of voxels.
  ///
  /// - Parameter tissue: the first and the last voxel of tissue along each axis.
  package init(
    through tissue: (first: SIMD3<Int>, last: SIMD3<Int>), of grid: VoxelGrid,
    _ random: inout SeededGenerator
  ) {
    var first = SIMD3<Int>.zero
    var last = SIMD3(grid.nx, grid.ny, grid.nz) &- 1
    for axis in 0..<3 {
      let extent = Double(tissue.last[axis] - tissue.first[axis])
      for isLow in [true, false] {
        // Drawn in any case, so that one side does not depend on another.
        let (ends, part) = (random.uniform() < Self.share, random.uniform())
        let depth = Int((Self.depth * part * part * extent).rounded())
        guard ends else { continue }
        if isLow {
          first[axis] = tissue.first[axis] + depth
        } else {
          last[axis] = tissue.last[axis] - depth
        }
      }
    }
    (self.first, self.last) = (first, last)
  }

  /// Whether everything around a fractional voxel position is scanned.
  package func contains(_ place: Vector3) -> Bool {
    all(place .>= Vector3(first)) && all(place .<= Vector3(last))
  }

  /// Empties a volume beyond the cut, and says where tissue was cut through.
  ///
  /// - Parameters:
  ///   - volume: attenuation in 1/mm.
  ///   - water: that of water.
  package func cut(_ volume: inout Volume, water: Float) -> TruncatedTissue {
    let grid = volume.grid
    let end = SIMD3(grid.nx, grid.ny, grid.nz) &- 1
    var exits: [Int32] = []
    for k in 0..<grid.nz {
      for j in 0..<grid.ny {
        let row = grid.index(0, j, k)
        for i in 0..<grid.nx {
          let voxel = SIMD3(i, j, k)
          guard all(voxel .>= first), all(voxel .<= last) else {
            volume.values[row + i] = 0
            continue
          }
          let isAtEnd =
            any((voxel .== first) .& (first .> 0)) || any((voxel .== last) .& (last .< end))
          if isAtEnd, volume.values[row + i] > TruncatedTissue.tissue * water {
            exits.append(Int32(row + i))
          }
        }
      }
    }
    return TruncatedTissue(voxels: exits)
  }
}

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
