import SpiderSupport

/// Morphology with balls, in millimetres. Voxels outside the grid are unknown: they neither grow
/// into the grid nor eat from it.
extension Image3D where Voxel == Bool {
  /// All voxels within `radius` mm of the set, centre to centre.
  package func dilated(by radius: Double) -> Mask {
    let limit = Float(radius * radius * (1 + 1e-6))
    return withValues(DistanceTransform.squared(to: self).map { $0 <= limit })
  }

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

/// The Euclidean distance to the nearest voxel of a set, exact for grids with perpendicular axes
/// (Felzenszwalb and Huttenlocher, "Distance transforms of sampled functions", 2012).
package enum DistanceTransform {
  /// For every voxel the squared distance (mm^2), centre to centre, to the nearest voxel of the
  /// set; infinity when the set is empty. Voxels outside the grid do not count.
  package static func squared(to mask: Mask) -> [Float] {
    let (nx, ny, nz) = (mask.grid.nx, mask.grid.ny, mask.grid.nz)
    let spacing = mask.grid.spacing
    let planes = Parallel.map(nz) { k in
      var plane = mask.slice(k).map { $0 ? Float(0) : .infinity }
      guard plane.contains(0) else { return plane }
      var envelope = LowerEnvelope(capacity: max(nx, ny))
      for j in 0..<ny {
        envelope.transform(&plane, from: j * nx, step: 1, count: nx, spacing: Float(spacing.x))
      }
      for i in 0..<nx {
        envelope.transform(&plane, from: i, step: nx, count: ny, spacing: Float(spacing.y))
      }
      return plane
    }
    // The last axis, row by row of the planes: row j of all planes at once.
    let rows = Parallel.map(ny) { j in
      var sheet = planes.flatMap { $0[(j * nx)..<((j + 1) * nx)] }
      var envelope = LowerEnvelope(capacity: nz)
      for i in 0..<nx {
        envelope.transform(&sheet, from: i, step: nx, count: nz, spacing: Float(spacing.z))
      }
      return sheet
    }
    var result: [Float] = []
    result.reserveCapacity(mask.grid.count)
    for k in 0..<nz {
      for row in rows { result.append(contentsOf: row[(k * nx)..<((k + 1) * nx)]) }
    }
    return result
  }
}

/// The lower envelope of the parabolas that stand on the samples of one line, with its scratch
/// memory.
private struct LowerEnvelope {
  private var sites: [Int]
  private var heights: [Float]
  private var starts: [Float]

  init(capacity: Int) {
    sites = Array(repeating: 0, count: capacity)
    heights = Array(repeating: 0, count: capacity)
    starts = Array(repeating: 0, count: capacity)
  }

  /// Replaces f(q) by the minimum over p of f(p) + (spacing (q - p))^2 along one line of `values`.
  mutating func transform(
    _ values: inout [Float], from first: Int, step: Int, count: Int, spacing: Float
  ) {
    let square = spacing * spacing
    var top = -1
    var index = first
    for q in 0..<count {
      let height = values[index]
      index += step
      guard height < .infinity else { continue }
      var crossing = -Float.infinity
      while top >= 0 {
        // Where the parabolas of q and of the last site cross, in samples.
        let p = sites[top]
        crossing =
          (height - heights[top] + square * Float(q * q - p * p)) / (2 * square * Float(q - p))
        if crossing > starts[top] { break }
        top -= 1
        crossing = -.infinity
      }
      top += 1
      sites[top] = q
      heights[top] = height
      starts[top] = crossing
    }
    guard top >= 0 else { return }
    var current = 0
    index = first
    for q in 0..<count {
      while current < top && starts[current + 1] < Float(q) { current += 1 }
      let distance = Float(q - sites[current])
      values[index] = heights[current] + square * distance * distance
      index += step
    }
  }
}
