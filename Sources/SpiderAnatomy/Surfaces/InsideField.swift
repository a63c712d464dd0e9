import SpiderImaging

/// Numbers on a box of voxels, zero and above inside: what a surface is extracted of.
///
/// The box holds all that is inside with a layer of voxels about it. Beyond the grid the layer holds NaN,
/// which is outside: so every surface is closed, on the outer faces of the outermost voxels.
struct InsideField {
  /// The voxel (i, j, k) of the grid at which the box begins; -1 in the layer about the grid.
  let origin: SIMD3<Int>
  /// Voxels of the box along i, j and k.
  let shape: SIMD3<Int>
  /// The numbers, i fastest.
  let values: [Float]
  /// The number of voxels inside.
  let population: Int

  /// The field of a volume; nil where nothing is inside.
  ///
  /// - Parameter excess: how far inside a voxel's value is; below zero is outside.
  init?<Voxel>(_ image: Image3D<Voxel>, excess: (Voxel) -> Float) {
    let grid = image.grid
    var (low, high) = (SIMD3(repeating: Int.max), SIMD3(repeating: Int.min))
    var population = 0
    for k in 0..<grid.nz {
      for j in 0..<grid.ny {
        let row = grid.index(0, j, k)
        for i in 0..<grid.nx where excess(image.values[row + i]) >= 0 {
          population += 1
          low = pointwiseMin(low, SIMD3(i, j, k))
          high = pointwiseMax(high, SIMD3(i, j, k))
        }
      }
    }
    guard population > 0 else { return nil }
    let origin = low &- 1
    let shape = high &- low &+ 3
    var values = [Float](repeating: .nan, count: shape.x * shape.y * shape.z)
    for k in max(origin.z, 0)..<min(origin.z + shape.z, grid.nz) {
      for j in max(origin.y, 0)..<min(origin.y + shape.y, grid.ny) {
        let from = grid.index(0, j, k)
        let to = ((k - origin.z) * shape.y + j - origin.y) * shape.x - origin.x
        for i in max(origin.x, 0)..<min(origin.x + shape.x, grid.nx) {
          values[to + i] = excess(image.values[from + i])
        }
      }
    }
    self.origin = origin
    self.shape = shape
    self.values = values
    self.population = population
  }
}
