/// A reconstruction small enough to keep: gathers slabs into a volume of at most so many voxels, for
/// pictures and re-projection.
///
/// A coarse voxel is the mean of a block of `factor`^3 fine ones, so line integrals stay what they are;
/// its label is that of the voxel at its middle. With factor 1 it is the volume itself.
public struct ReconstructionPreview: Sendable {
  /// Fine voxels along the side of a coarse one, a power of two.
  public let factor: Int
  /// CT numbers in HU.
  public private(set) var ct: Volume
  /// Tissue classes; 0 from a model that tells none apart.
  public private(set) var labels: LabelVolume
  /// How far the CT numbers may be off, HU: the mean over the block; nil where no slab said it.
  public private(set) var uncertainty: Volume?
  private let columns: Blocks
  private let rows: Blocks
  private let slices: Blocks

  /// Starts a preview of a grid, of at most `voxelLimit` voxels.
  public init(of grid: VoxelGrid, voxelLimit: Int = 1 << 24) {
    precondition(voxelLimit > 0, "a preview of at most \(voxelLimit) voxels")
    let coarse = Self.grid(of: grid, voxelLimit: voxelLimit)
    factor = coarse.factor
    ct = Volume(grid: coarse.grid, repeating: 0)
    labels = LabelVolume(grid: coarse.grid, repeating: 0)
    columns = Blocks(count: grid.nx, factor: factor)
    rows = Blocks(count: grid.ny, factor: factor)
    slices = Blocks(count: grid.nz, factor: factor)
  }

  /// The bytes that a preview of a grid takes.
  public static func bytes(of grid: VoxelGrid, voxelLimit: Int = 1 << 24) -> Int {
    Self.grid(of: grid, voxelLimit: voxelLimit).grid.count
      * (2 * MemoryLayout<Float>.stride + MemoryLayout<UInt8>.stride)
  }

  private static func grid(
    of grid: VoxelGrid, voxelLimit: Int
  ) -> (grid: VoxelGrid, factor: Int) {
    func blocks(_ count: Int, _ factor: Int) -> Int { (count + factor - 1) / factor }
    var factor = 1
    while blocks(grid.nx, factor) * blocks(grid.ny, factor) * blocks(grid.nz, factor) > voxelLimit {
      factor *= 2
    }
    let (a, b, c) = grid.affine.columns
    let size = Double(factor)
    return (
      VoxelGrid(
        nx: blocks(grid.nx, factor), ny: blocks(grid.ny, factor), nz: blocks(grid.nz, factor),
        affine: Affine(
          columns: (a * size, b * size, c * size),
          translation: grid.affine.translation + (a + b + c) * ((size - 1) / 2))), factor
    )
  }

  /// Adds a slab.
  public mutating func add(_ slab: ReconstructionSlab) {
    let (nx, ny) = (columns.block.count, rows.block.count)
    precondition(
      slab.hounsfield.count == nx * ny * slab.slices.count,
      "a slab of \(slab.hounsfield.count) voxels in slices of \(nx) x \(ny)")
    if slab.uncertainty != nil, uncertainty == nil {
      uncertainty = Volume(grid: ct.grid, repeating: 0)
    }
    for (index, k) in slab.slices.enumerated() {
      for j in 0..<ny {
        let from = (index * ny + j) * nx
        let to = ct.grid.index(0, rows.block[j], slices.block[k])
        let share = slices.share[k] * rows.share[j]
        for i in 0..<nx {
          ct.values[to + columns.block[i]] += slab.hounsfield[from + i] * (share * columns.share[i])
        }
        if let widths = slab.uncertainty {
          for i in 0..<nx {
            uncertainty?.values[to + columns.block[i]] +=
              widths[from + i] * (share * columns.share[i])
          }
        }
        guard let classes = slab.labels, slices.isMiddle[k], rows.isMiddle[j] else { continue }
        for i in 0..<nx where columns.isMiddle[i] {
          labels.values[to + columns.block[i]] = classes[from + i]
        }
      }
    }
  }

  /// How the voxels along one axis are put together.
  private struct Blocks: Sendable {
    /// The coarse voxel of each fine one.
    var block: [Int] = []
    /// What a fine voxel contributes to the mean; more at the far edge, where a block may be cut short.
    var share: [Float] = []
    /// Whether it gives the coarse one its label.
    var isMiddle: [Bool] = []

    init(count: Int, factor: Int) {
      for index in 0..<count {
        let first = index / factor * factor
        let size = min(factor, count - first)
        block.append(index / factor)
        share.append(1 / Float(size))
        isMiddle.append(index == first + size / 2)
      }
    }
  }
}
