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
  public mutating func add(_ volume: Volume, labels: LabelVolume? = nil) throws(BaselineError) {
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
  public func result() throws(BaselineError) -> Volume {
    guard let grid else { throw BaselineError.noVolumes }
    return Volume(
      grid: grid,
      values: sums.indices.map { counts[$0] > 0 ? Float(sums[$0] / Double(counts[$0])) : -1000 })
  }
}

/// The baseline that answers with the same mean head for everybody.
public struct MeanVolumeBaseline: ReconstructionModel {
  /// HU on the canonical grid about the origin.
  private let mean: Volume

  /// Takes the mean, on the canonical grid about the origin.
  public init(_ mean: Volume) { self.mean = mean }

  /// It does not look at the X-rays.
  public var traits: ModelTraits { ModelTraits(name: "mean-volume", input: .unused) }

  /// The mean, and what is made of it.
  public func memory(for grid: VoxelGrid, options: ReconstructionOptions) -> Int {
    (mean.grid.count + grid.count) * MemoryLayout<Float>.stride
  }

  /// Hands on the mean about the isocentre.
  public func answer(
    _ views: PreparedViews, on grid: VoxelGrid, options: ReconstructionOptions,
    progress: (Double) throws -> Void, into sink: (ReconstructionSlab) throws -> Void
  ) throws -> ReconstructionSummary {
    try ReconstructionSlab.deliver(
      mean.moved(by: views.isocenter).resampled(onto: grid, outside: -1000), into: sink)
    try progress(1)
    return ReconstructionSummary(points: grid.count)
  }
}

extension Volume {
  /// The same voxels elsewhere in the world.
  func moved(by offset: Vector3) -> Volume {
    let affine = grid.affine
    return Volume(
      grid: VoxelGrid(
        nx: grid.nx, ny: grid.ny, nz: grid.nz,
        affine: Affine(columns: affine.columns, translation: affine.translation + offset)),
      values: values)
  }
}
