import SpiderSupport

/// Morphology with balls, in millimetres. Voxels outside the grid are unknown: they neither grow
/// into the grid nor eat from it.
extension Image3D where Voxel == Bool {
  /// All voxels within `radius` mm of the set, centre to centre.
  package func dilated(by radius: Double) -> Mask { BallDilation(radius: radius)(self) }

  /// The voxels of the set that are farther than `radius` mm from every voxel not in it.
  package func eroded(by radius: Double) -> Mask { complement.dilated(by: radius).complement }

  /// Dilation, then erosion: fills gaps and clefts narrower than twice the radius.
  package func closed(by radius: Double) -> Mask { dilated(by: radius).eroded(by: radius) }

  /// Erosion, then dilation: removes parts thinner than twice the radius.
  package func opened(by radius: Double) -> Mask { eroded(by: radius).dilated(by: radius) }

  /// The set with whatever it encloses in some slice along one of the three axes (4-connected).
  ///
  /// A cavity that opens somewhere (nostrils, the airway at the end of the scan) is still enclosed
  /// in the slices that pass beside the opening.
  package func filledInSlices() -> Mask {
    let (nx, ny, nz) = (grid.nx, grid.ny, grid.nz)
    let sagittal = Parallel.map(nx) { i in
      Self.filled((0..<(ny * nz)).map { values[grid.index(i, $0 % ny, $0 / ny)] }, width: ny)
    }
    let coronal = Parallel.map(ny) { j in
      Self.filled((0..<(nx * nz)).map { values[grid.index($0 % nx, j, $0 / nx)] }, width: nx)
    }
    return Mask(grid: grid) { k in
      var plane = Self.filled(Array(slice(k)), width: nx)
      for j in 0..<ny {
        for i in 0..<nx where sagittal[i][k * ny + j] || coronal[j][k * nx + i] {
          plane[j * nx + i] = true
        }
      }
      return plane
    }
  }

  /// A plane of rows of `width` pixels with its enclosed holes filled.
  private static func filled(_ plane: [Bool], width: Int) -> [Bool] {
    let height = plane.count / width
    var open = plane
    var stack: [Int] = []
    func visit(_ index: Int) {
      if !open[index] {
        open[index] = true
        stack.append(index)
      }
    }
    for i in 0..<width {
      visit(i)
      visit((height - 1) * width + i)
    }
    for j in 0..<height {
      visit(j * width)
      visit(j * width + width - 1)
    }
    while let index = stack.popLast() {
      let i = index % width
      if i > 0 { visit(index - 1) }
      if i + 1 < width { visit(index + 1) }
      if index >= width { visit(index - width) }
      if index + width < plane.count { visit(index + width) }
    }
    // What the flood from the edge did not reach is in the set or enclosed by it.
    return zip(plane, open).map { inSet, reached in inSet || !reached }
  }
}
