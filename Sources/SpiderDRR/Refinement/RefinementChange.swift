import SpiderImaging
import SpiderSupport

/// What a refinement changed, to be carried over to voxels that cannot be refined themselves: to a region, whose rays
/// have tissue beyond it, or to more voxels than are refined.
///
/// ```swift
/// let whole = try reconstructor.reconstruct(radiographs)
/// let change = RefinementChange(from: whole.ct, to: try Refinement().refined(whole.ct, to: radiographs))
/// let region = try reconstructor.reconstruct(radiographs, on: fineGrid)
/// let refined = change.applied(to: region.ct)
/// ```
///
/// X-rays say little about what is smaller than their pixels, so that the change is smooth, and voxels of 2 mm hold it.
/// The model's own detail stays.
public struct RefinementChange: Sendable {
  /// Voxels along a side of the volume of the field of view that is refined for the sake of others: 2 mm of 256.
  public static let usualSize = 128

  /// What is added, HU; 0 where voxels were emptied.
  private let added: Volume
  /// 1 where voxels became air.
  private let emptied: LabelVolume?

  /// What became of an answer.
  public init(from answer: Volume, to result: Refinement.Result) {
    precondition(answer.grid == result.ct.grid, "another grid")
    var added = result.ct.values
    for index in added.indices {
      let isEmptied = result.emptied?.values[index] ?? false
      added[index] = isEmptied ? 0 : added[index] - answer.values[index]
    }
    self.added = result.ct.withValues(added)
    emptied = result.emptied.map { $0.withValues($0.values.map { $0 ? 1 : 0 }) }
  }

  /// A volume with the change: interpolated where its voxels are smaller, averaged where they are larger. Voxels
  /// of -1000 HU and below stay as they are, as do those beyond the volume that was refined.
  ///
  /// - Parameter ct: what the same model answers to the same X-rays on any grid of the same world, HU.
  /// - Returns: the volume, and the voxels that became air since an X-ray shows nothing on their ray; nil where there
  ///   are none.
  public func applied(to ct: Volume) -> (ct: Volume, emptied: Mask?) {
    let (values, emptied) = applied(to: ct.values, slices: 0..<ct.grid.nz, of: ct.grid)
    return (ct.withValues(values), emptied.map { Mask(grid: ct.grid, values: $0) })
  }

  /// The same for some slices of a grid, to the bit.
  ///
  /// - Parameters:
  ///   - hounsfield: their CT numbers, in memory order.
  ///   - slices: which slices, k.
  public func applied(
    to hounsfield: [Float], slices: Range<Int>, of grid: VoxelGrid
  ) -> (hounsfield: [Float], emptied: [Bool]?) {
    precondition(hounsfield.count == slices.count * grid.nx * grid.ny, "not these slices")
    let parts = Parallel.map(slices.count) { index in
      // One by one: which slices come together must not show.
      slice(hounsfield, index, grid.slice(slices.lowerBound + index))
    }
    return (parts.flatMap(\.hounsfield), emptied == nil ? nil : parts.flatMap(\.emptied))
  }

  private func slice(
    _ hounsfield: [Float], _ index: Int, _ grid: VoxelGrid
  ) -> (hounsfield: [Float], emptied: [Bool]) {
    let sum = added.resampled(onto: grid, outside: 0)
    let empty = emptied?.resampled(onto: grid, outside: 0).values.map { $0 == 1 }
    var values = Array(hounsfield[index * grid.count..<(index + 1) * grid.count])
    for voxel in values.indices where values[voxel] > -1000 {
      values[voxel] =
        empty?[voxel] == true ? -1000 : max(-1000, values[voxel] + sum.values[voxel])
    }
    return (values, empty ?? [])
  }
}

extension VoxelGrid {
  /// One slice of a grid.
  fileprivate func slice(_ k: Int) -> VoxelGrid {
    var affine = affine
    affine.translation = affine.apply(Vector3(0, 0, Double(k)))
    return VoxelGrid(nx: nx, ny: ny, nz: 1, affine: affine)
  }
}
