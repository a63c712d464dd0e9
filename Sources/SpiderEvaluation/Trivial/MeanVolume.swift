import SpiderBaselines
import SpiderCore

/// The voxel mean of CT volumes on one grid: the answer of a method that does not look at the X-rays.
///
/// Volumes are added one by one, so that a data set need not fit in memory.
public struct MeanVolume: Sendable {
  /// How many volumes were added.
  public private(set) var volumeCount = 0
  private var grid: VoxelGrid?
  private var sums: [Double] = []
  private var counts: [Int32] = []

  /// The mean of nothing yet.
  public init() {}

  /// Adds a volume (HU). Voxels labelled as outside the scan (254), and those that are not finite, say
  /// nothing and are left out of the mean.
  public mutating func add(_ volume: Volume, labels: LabelVolume? = nil) throws {
    if grid == nil {
      grid = volume.grid
      sums = [Double](repeating: 0, count: volume.grid.count)
      counts = [Int32](repeating: 0, count: volume.grid.count)
    }
    guard volume.grid == grid, labels.map({ $0.grid == grid }) ?? true else {
      throw BaselineError.gridsDiffer(volume: volumeCount + 1)
    }
    for index in volume.values.indices where volume.values[index].isFinite {
      if let labels, labels.values[index] == LabelScheme.outsideScan { continue }
      sums[index] += Double(volume.values[index])
      counts[index] += 1
    }
    volumeCount += 1
  }

  /// The mean (HU). A voxel that no volume knows is air, -1000.
  public func result() throws -> Volume {
    guard let grid else { throw BaselineError.noVolumes }
    return Volume(
      grid: grid,
      values: sums.indices.map { counts[$0] > 0 ? Float(sums[$0] / Double(counts[$0])) : -1000 })
  }
}
