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

/// The connected parts of a set of voxels; voxels that share a face are connected.
package struct ConnectedComponents: Sendable {
  /// The grid of the set.
  package let grid: VoxelGrid
  /// For every voxel the number of its part, from 1; 0 outside the set. Numbers follow the memory
  /// order of each part's first voxel.
  package let labels: [Int32]
  /// The voxels of each part: part n has `sizes[n - 1]`.
  package let sizes: [Int]

  /// Finds the parts of a set.
  package init(_ mask: Mask) {
    grid = mask.grid
    var labels = [Int32](repeating: 0, count: mask.grid.count)
    var sizes: [Int] = []
    var stack: [Int] = []
    for start in mask.values.indices where mask.values[start] && labels[start] == 0 {
      let label = Int32(sizes.count + 1)
      labels[start] = label
      stack.append(start)
      var size = 0
      while let index = stack.popLast() {
        size += 1
        mask.grid.forEachNeighbour(of: index) { other in
          if mask.values[other] && labels[other] == 0 {
            labels[other] = label
            stack.append(other)
          }
        }
      }
      sizes.append(size)
    }
    self.labels = labels
    self.sizes = sizes
  }

  /// The number of parts.
  package var count: Int { sizes.count }

  /// The number of the largest part, the first among equals; nil when the set is empty.
  package var largest: Int? {
    sizes.indices.max { (sizes[$0], $1) < (sizes[$1], $0) }.map { $0 + 1 }
  }

  /// The voxels of one part.
  package func mask(of part: Int) -> Mask { mask(of: [part]) }

  /// The voxels of several parts.
  package func mask(of parts: Set<Int>) -> Mask {
    var wanted = [Bool](repeating: false, count: count + 1)
    for part in parts where part > 0 && part <= count { wanted[part] = true }
    return Mask(grid: grid, values: labels.map { wanted[Int($0)] })
  }
}

extension Image3D where Voxel == Bool {
  /// The set without its parts of fewer voxels than a limit.
  package func withoutParts(smallerThan limit: Int) -> Mask {
    let parts = ConnectedComponents(self)
    return parts.mask(
      of: Set(parts.sizes.indices.filter { parts.sizes[$0] >= limit }.map { $0 + 1 }))
  }

  /// The set with its holes of fewer voxels than a limit (calcifications, gas) filled.
  package func withoutHoles(smallerThan limit: Int) -> Mask {
    complement.withoutParts(smallerThan: limit).complement
  }
}

extension VoxelGrid {
  /// Calls `body` with the memory places of the up to six voxels that share a face with one.
  @inlinable @inline(__always) package func forEachNeighbour(of index: Int, _ body: (Int) -> Void) {
    let i = index % nx
    let row = index / nx
    let j = row % ny
    let k = row / ny
    if i > 0 { body(index - 1) }
    if i + 1 < nx { body(index + 1) }
    if j > 0 { body(index - nx) }
    if j + 1 < ny { body(index + nx) }
    if k > 0 { body(index - nx * ny) }
    if k + 1 < nz { body(index + nx * ny) }
  }
}

extension Image3D where Voxel == Bool {
  /// The set, grown `steps` times by the voxels of `region` that share a face with it. Unlike a
  /// dilation it goes around walls, not through them.
  package func grown(within region: Mask, steps: Int) -> Mask {
    precondition(grid.shape == region.grid.shape, "growth within a region on another grid")
    var result = self
    var front = values.indices.filter { values[$0] }
    for _ in 0..<steps where !front.isEmpty {
      var next: [Int] = []
      for index in front {
        grid.forEachNeighbour(of: index) { other in
          if region.values[other] && !result.values[other] {
            result.values[other] = true
            next.append(other)
          }
        }
      }
      front = next
    }
    return result
  }
}
