internal import CSpiderKernels
import SpiderCore

/// Reads volumes at points between voxels.
enum VolumeSampler {
  /// Trilinear values at fractional voxel positions; `outside` beyond half a voxel from the border.
  static func trilinear(
    _ values: FloatSlice, _ grid: VoxelGrid, at places: [Vector3], outside: Float
  ) -> [Float] {
    let ijk = places.flatMap { [Float($0.x), Float($0.y), Float($0.z)] }
    var result = [Float](repeating: outside, count: places.count)
    unsafe spider_sample_volume(
      values.address(grid.count), Int32(grid.nx), Int32(grid.ny), Int32(grid.nz), ijk,
      Int64(places.count), outside, &result)
    return result
  }

  /// The same for one point, in double, by the definition: the reference of the tests.
  static func reference(_ volume: Volume, at place: Vector3, outside: Double) -> Double {
    let grid = volume.grid
    let top = Vector3(Double(grid.nx), Double(grid.ny), Double(grid.nz)) - 1
    guard all(place .> -0.5), all(place .< top + 0.5) else { return outside }
    let clamped = place.clamped(lowerBound: .zero, upperBound: top)
    let base = clamped.rounded(.down)
    let part = clamped - base
    var sum = 0.0
    for corner in 0..<8 {
      var weight = 1.0
      var index = SIMD3(Int(base.x), Int(base.y), Int(base.z))
      for axis in 0..<3 {
        let up = (corner >> axis) & 1 == 1
        weight *= up ? part[axis] : 1 - part[axis]
        if up { index[axis] += 1 }
      }
      guard weight > 0 else { continue }
      sum += weight * Double(volume[index.x, index.y, index.z])
    }
    return sum
  }
}
