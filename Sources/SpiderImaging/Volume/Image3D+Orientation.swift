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
