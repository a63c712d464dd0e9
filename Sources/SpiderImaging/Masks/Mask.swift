/// A set of voxels on a grid.
public typealias Mask = Image3D<Bool>

extension Image3D where Voxel: Sendable {
  /// The voxels that answer a question with yes.
  public func mask(where condition: @Sendable (Voxel) -> Bool) -> Mask {
    Mask(grid: grid) { k in slice(k).map(condition) }
  }
}

extension Image3D where Voxel == Bool {
  /// How many voxels the set has.
  public var population: Int { values.reduce(0) { $0 + ($1 ? 1 : 0) } }

  /// Whether the set is empty.
  public var isEmpty: Bool { !values.contains(true) }

  /// The voxels of the grid that are not in the set.
  public var complement: Mask { withValues(values.map { !$0 }) }

  /// The voxels that are in both sets.
  public func intersection(_ other: Mask) -> Mask { combined(with: other) { $0 && $1 } }

  /// The voxels that are in either set.
  public func union(_ other: Mask) -> Mask { combined(with: other) { $0 || $1 } }

  /// The voxels of this set that are not in the other.
  public func subtracting(_ other: Mask) -> Mask { combined(with: other) { $0 && !$1 } }

  private func combined(with other: Mask, _ operation: (Bool, Bool) -> Bool) -> Mask {
    precondition(grid.shape == other.grid.shape, "masks of \(grid.shape) and \(other.grid.shape)")
    return withValues(zip(values, other.values).map(operation))
  }
}
