import SpiderSupport

/// Voxels on a grid that knows its place in the world.
///
/// An image is exactly two things: values, and the grid that says where they are. There is no other
/// orientation state, so nothing can disagree with it.
public struct Image3D<Voxel> {
  /// Where the voxels are.
  public let grid: VoxelGrid
  /// The voxels, i fastest, then j, then k: index `(k * ny + j) * nx + i`.
  public var values: [Voxel]

  /// Puts values on a grid; their count must be the grid's.
  public init(grid: VoxelGrid, values: [Voxel]) {
    precondition(
      values.count == grid.count, "\(values.count) values for a grid of \(grid.count) voxels")
    self.grid = grid
    self.values = values
  }

  /// Fills a grid with one value.
  public init(grid: VoxelGrid, repeating value: Voxel) {
    self.grid = grid
    values = [Voxel](repeating: value, count: grid.count)
  }

  /// The voxel (i, j, k).
  @inlinable public subscript(i: Int, j: Int, k: Int) -> Voxel {
    get { values[(k * grid.ny + j) * grid.nx + i] }
    set { values[(k * grid.ny + j) * grid.nx + i] = newValue }
  }

  /// The same grid with other values.
  public func withValues<Other>(_ values: [Other]) -> Image3D<Other> {
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

/// A label map: one class of a ``LabelScheme`` a voxel.
public typealias LabelVolume = Image3D<UInt8>
