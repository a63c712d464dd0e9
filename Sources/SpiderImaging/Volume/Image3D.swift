import SpiderSupport

/// Voxels on a grid that knows its place in the world.
///
/// An image is exactly two things: values, and the grid that says where they are. There is no other
/// orientation state, so nothing can disagree with it.
@frozen public struct Image3D<Voxel> {
  /// The lattice of the voxels.
  public let grid: VoxelGrid
  /// The voxels, i fastest, then j, then k: index `(k * ny + j) * nx + i`.
  public var values: [Voxel]

  /// Puts values on a grid; their count must be the grid's.
  @inlinable public init(grid: VoxelGrid, values: [Voxel]) {
    precondition(
      values.count == grid.count, "\(values.count) values for a grid of \(grid.count) voxels")
    self.grid = grid
    self.values = values
  }

  /// Fills a grid with one value.
  @inlinable public init(grid: VoxelGrid, repeating value: Voxel) {
    self.grid = grid
    values = [Voxel](repeating: value, count: grid.count)
  }

  /// The voxel (i, j, k).
  @inlinable public subscript(i: Int, j: Int, k: Int) -> Voxel {
    get { values[(k * grid.ny + j) * grid.nx + i] }
    set { values[(k * grid.ny + j) * grid.nx + i] = newValue }
  }

  /// The same grid with other values.
  @inlinable public func withValues<Other>(_ values: [Other]) -> Image3D<Other> {
    Image3D<Other>(grid: grid, values: values)
  }
}

extension Image3D where Voxel == Float {
  /// Fills a grid with one value.
  public init(grid: VoxelGrid, repeating value: Float) {
    self.grid = grid
    values = LargePages.filled(value, count: grid.count)
  }
}

extension Image3D: Sendable where Voxel: Sendable {}
extension Image3D: Equatable where Voxel: Equatable {}

/// A CT volume: Float32 CT numbers in HU (air -1000, water 0).
public typealias Volume = Image3D<Float>

/// A label map: one class of a ``LabelScheme`` per voxel.
public typealias LabelVolume = Image3D<UInt8>

extension Image3D where Voxel: Sendable {
  /// Fills a grid slice by slice, the cores of the machine sharing the slices.
  ///
  /// - Parameter slice: the `ny` x `nx` voxels of slice k, i fastest. It is called once for every
  ///   k, in no particular order.
  public init(grid: VoxelGrid, slice: @Sendable (_ k: Int) -> [Voxel]) {
    let slices = Parallel.map(grid.nz, slice)
    var values: [Voxel] = []
    values.reserveCapacity(grid.count)
    for voxels in slices { values.append(contentsOf: voxels) }
    self.init(grid: grid, values: values)
  }

  /// The voxels of slice k, i fastest.
  @inlinable package func slice(_ k: Int) -> ArraySlice<Voxel> {
    values[(k * grid.nx * grid.ny)..<((k + 1) * grid.nx * grid.ny)]
  }
}

extension Image3D {
  /// The same voxels stored in another order: exact, reversible, and in the same place in the world.
  ///
  /// Only memory order and affine change; no value is interpolated. Reorienting an oblique volume
  /// leaves it oblique.
  public func reoriented(to target: Orientation) -> Image3D {
    let source = grid.orientation
    guard source != target else { return self }
    // Target axis t runs along source axis `order[t]`, forwards or backwards.
    let order = target.axes.map { axis in
      source.axes.firstIndex { $0.worldAxis == axis.worldAxis } ?? 0
    }
    let backwards = (0..<3).map { target.axes[$0] != source.axes[order[$0]] }

    let counts = [grid.nx, grid.ny, grid.nz]
    let strides = [1, grid.nx, grid.nx * grid.ny]
    let columns = [grid.affine.columns.0, grid.affine.columns.1, grid.affine.columns.2]
    var origin = grid.affine.translation
    var start = 0
    var step = [0, 0, 0]
    var newColumns = columns
    for t in 0..<3 {
      let s = order[t]
      let sign = backwards[t] ? -1 : 1
      step[t] = sign * strides[s]
      newColumns[t] = columns[s] * Double(sign)
      if backwards[t] {
        start += (counts[s] - 1) * strides[s]
        origin += columns[s] * Double(counts[s] - 1)
      }
    }
    let newGrid = VoxelGrid(
      nx: counts[order[0]], ny: counts[order[1]], nz: counts[order[2]],
      affine: Affine(columns: (newColumns[0], newColumns[1], newColumns[2]), translation: origin))

    var result: [Voxel] = []
    result.reserveCapacity(values.count)
    for k in 0..<newGrid.nz {
      for j in 0..<newGrid.ny {
        var index = start + k * step[2] + j * step[1]
        for _ in 0..<newGrid.nx {
          result.append(values[index])
          index += step[0]
        }
      }
    }
    return Image3D(grid: newGrid, values: result)
  }
}
