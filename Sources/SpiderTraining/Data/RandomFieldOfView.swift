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
