import Foundation
import SpiderImaging

/// A separable symmetric kernel on a grid. What lies outside the grid is 0, so it is its own transpose.
struct GridKernel {
  /// Half of the kernel along each voxel axis, the middle first.
  private let halves: [[Float]]
  private let grid: VoxelGrid

  /// A Gaussian of a standard deviation in mm, scaled so that its squares have the sum 1.
  static func gaussian(deviation: Double, on grid: VoxelGrid) -> GridKernel {
    GridKernel(grid) { spacing in
      let voxels = deviation / spacing
      let weights = (0...Int((3 * voxels).rounded(.up))).map {
        exp(-0.5 * Double($0 * $0) / (voxels * voxels))
      }
      let squares = weights.reduce(-1) { $0 + 2 * $1 * $1 }
      return weights.map { Float($0 / squares.squareRoot()) }
    }
  }

  /// The mean over a window about as wide as stated, mm, of at least three voxels.
  static func mean(window: Double, on grid: VoxelGrid) -> GridKernel {
    GridKernel(grid) { spacing in
      let reach = max(1, Int(((window / spacing - 1) / 2).rounded()))
      return [Float](repeating: 1 / Float(2 * reach + 1), count: reach + 1)
    }
  }

  private init(_ grid: VoxelGrid, half: (_ spacing: Double) -> [Float]) {
    self.grid = grid
    halves = (0..<3).map { half(grid.spacing[$0]) }
  }

  /// The values of the grid's voxels after the kernel.
  func applied(to values: [Float]) -> [Float] {
    precondition(values.count == grid.count, "\(values.count) values for \(grid.count) voxels")
    return Volume(grid: grid) { slice($0, of: values) }.values
  }

  /// Slice k: along k, then along j, then along i.
  private func slice(_ k: Int, of values: [Float]) -> [Float] {
    let (nx, ny, count) = (grid.nx, grid.ny, grid.nx * grid.ny)
    var sum = [Float](repeating: 0, count: count)
    Self.forEachTap(k, grid.nz, halves[2]) { place, weight in
      let start = place * count
      for index in 0..<count { sum[index] += weight * values[start + index] }
    }
    var across = [Float](repeating: 0, count: count)
    for j in 0..<ny {
      Self.forEachTap(j, ny, halves[1]) { place, weight in
        let (to, from) = (j * nx, place * nx)
        for index in 0..<nx { across[to + index] += weight * sum[from + index] }
      }
    }
    let reach = halves[0].count - 1
    var result = [Float](repeating: 0, count: count)
    var padded = [Float](repeating: 0, count: nx + 2 * reach)
    for start in stride(from: 0, to: count, by: nx) {
      for index in 0..<nx { padded[reach + index] = across[start + index] }
      for offset in -reach...reach {
        let weight = halves[0][abs(offset)]
        let from = reach + offset
        for index in 0..<nx { result[start + index] += weight * padded[from + index] }
      }
    }
    return result
  }

  @inline(__always) private static func forEachTap(
    _ place: Int, _ count: Int, _ half: [Float], _ body: (_ place: Int, _ weight: Float) -> Void
  ) {
    let reach = half.count - 1
    for other in max(0, place - reach)...min(count - 1, place + reach) {
      body(other, half[abs(other - place)])
    }
  }
}
