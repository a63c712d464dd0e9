extension Image3D where Voxel == Float {
  /// The mean of each voxel and its neighbours, 27 with it, fewer at the edge of the grid: what is
  /// left of a voxel without its noise.
  package func meanOfNeighbours() -> Volume {
    var image = self
    for (count, stride) in [(grid.nx, 1), (grid.ny, grid.nx), (grid.nz, grid.nx * grid.ny)] {
      image = image.meanAlongAxis(count: count, stride: stride)
    }
    return image
  }

  private func meanAlongAxis(count: Int, stride: Int) -> Volume {
    Volume(grid: grid) { k in
      let plane = grid.nx * grid.ny
      return (k * plane..<(k + 1) * plane).map { index in
        let place = index / stride % count
        var (sum, parts) = (values[index], Float(1))
        if place > 0 {
          sum += values[index - stride]
          parts += 1
        }
        if place + 1 < count {
          sum += values[index + stride]
          parts += 1
        }
        return sum / parts
      }
    }
  }
}
