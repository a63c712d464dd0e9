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

extension VoxelGrid {
  /// The map from the voxel indices of this grid to those of another one.
  package func indexMap(to other: VoxelGrid) -> Affine {
    other.affine.inverse.composed(with: affine)
  }

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

  /// Whether a fractional voxel position lies within the voxels of this grid, the outer halves of
  /// the outer voxels included. Positions that are not finite do not.
  package func contains(index p: Vector3) -> Bool {
    // A millionth of a voxel of slack, so that rounding does not lose a voxel that lies on the
    // face.
    let low = -0.5 - 1e-6
    return p.x >= low && p.y >= low && p.z >= low && p.x <= Double(nx) + low + 2e-6
      && p.y <= Double(ny) + low + 2e-6 && p.z <= Double(nz) + low + 2e-6
  }

  /// The voxels of this grid whose centres lie within the voxels of `scan`. The others are outside
  /// the scan: label 254, nothing known.
  public func coverage(by scan: VoxelGrid) -> Mask {
    let map = indexMap(to: scan)
    return Mask(grid: self) { k in
      mapSlice(k, through: map) { scan.contains(index: $0) }
    }
  }

  /// The corners (world mm) of the axis-aligned box around all voxels of this grid.
  public var bounds: (low: Vector3, high: Vector3) {
    var low = Vector3(repeating: .infinity)
    var high = Vector3(repeating: -.infinity)
    for corner in 0..<8 {
      let point = worldPoint(
        corner & 1 == 0 ? -0.5 : Double(nx) - 0.5, corner & 2 == 0 ? -0.5 : Double(ny) - 0.5,
        corner & 4 == 0 ? -0.5 : Double(nz) - 0.5)
      low = pointwiseMin(low, point)
      high = pointwiseMax(high, point)
    }
    return (low, high)
  }

  /// An axis-aligned RAS+ grid of cubic voxels that covers this grid, on which anatomy is looked
  /// for.
  ///
  /// - Parameters:
  ///   - spacing: the voxels' edge in mm.
  ///   - limit: the most voxels; the edge grows until the grid has no more.
  public func covering(spacing: Double, limit: Int = 1 << 24) -> VoxelGrid {
    precondition(spacing > 0 && limit > 0, "voxels of \(spacing) mm, at most \(limit)")
    let (low, high) = bounds
    let extent = high - low
    var edge = spacing
    func counts() -> Vector3 { pointwiseMax((extent / edge).rounded(.up), Vector3(1, 1, 1)) }
    while counts().x * counts().y * counts().z > Double(limit) { edge *= 1.25 }
    let size = counts()
    let center = (low + high) / 2
    return VoxelGrid(
      nx: Int(size.x), ny: Int(size.y), nz: Int(size.z), boxFrom: center - size * (edge / 2),
      to: center + size * (edge / 2))
  }
}
