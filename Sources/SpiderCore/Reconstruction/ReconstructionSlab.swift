/// A few slices of a reconstruction, as they become known.
public struct ReconstructionSlab: Sendable {
  /// Which slices, k.
  public let slices: Range<Int>
  /// CT numbers in HU of their voxels, in memory order.
  public let hounsfield: [Float]
  /// Tissue classes of the same voxels; `LabelScheme.outsideScan` beyond the model's field of view.
  public let labels: [UInt8]

  /// About how many voxels are answered before they are handed on: enough to keep all cores busy, few
  /// enough to weigh nothing.
  static let voxels = 1 << 19

  /// How many slices of a grid make a slab. At least eight slabs a volume, so that progress shows.
  static func thickness(of grid: VoxelGrid) -> Int {
    max(1, min(voxels / (grid.nx * grid.ny), (grid.nz + 7) / 8))
  }
}
