/// A set of voxels on a grid.
public typealias Mask = Image3D<Bool>

extension Image3D where Voxel: Sendable {
  /// The voxels that satisfy a condition.
  @inlinable package func mask(where condition: @Sendable (Voxel) -> Bool) -> Mask {
    Mask(grid: grid) { k in slice(k).map(condition) }
  }
}

extension Image3D where Voxel == Bool {
  /// The number of voxels in the set.
  package var population: Int { values.reduce(0) { $0 + ($1 ? 1 : 0) } }

  /// Whether the set is empty.
  package var isEmpty: Bool { !values.contains(true) }

  /// The voxels of the grid that are not in the set.
  package var complement: Mask { withValues(values.map { !$0 }) }

  /// The voxels that are in both sets.
  package func intersection(_ other: Mask) -> Mask { combined(with: other) { $0 && $1 } }

  /// The voxels that are in either set.
  package func union(_ other: Mask) -> Mask { combined(with: other) { $0 || $1 } }

  /// The voxels of this set that are not in the other.
  package func subtracting(_ other: Mask) -> Mask { combined(with: other) { $0 && !$1 } }

  private func combined(with other: Mask, _ operation: (Bool, Bool) -> Bool) -> Mask {
    precondition(grid.shape == other.grid.shape, "masks of \(grid.shape) and \(other.grid.shape)")
    return withValues(zip(values, other.values).map(operation))
  }
}

extension VoxelGrid {
  /// A value for every voxel of slice `k`, i fastest, made of where a map of indices takes its
  /// centre.
  @inline(__always) func mapSlice<Value>(
    _ k: Int, through map: Affine, _ value: (Vector3) -> Value
  ) -> [Value] {
    var slice: [Value] = []
    slice.reserveCapacity(nx * ny)
    for j in 0..<ny {
      for i in 0..<nx {
        slice.append(value(map.apply(Vector3(Double(i), Double(j), Double(k)))))
      }
    }
    return slice
  }

  /// The voxels of this grid whose centres lie within the voxels of `scan`. The others are outside
  /// the scan: label 254, nothing known.
  package func coverage(by scan: VoxelGrid) -> Mask {
    let map = indexMap(to: scan)
    return Mask(grid: self) { k in
      mapSlice(k, through: map) { scan.contains(index: $0) }
    }
  }
}
