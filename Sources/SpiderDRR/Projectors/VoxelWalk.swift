import SpiderImaging

/// The walk of a ray from voxel to voxel.
enum VoxelWalk {
  /// Calls `body` with the place in memory and the length of ray (mm) of every voxel a ray crosses,
  /// among some slices k of a grid.
  ///
  /// Crossings are computed from plane numbers, never by adding steps up: sums of steps drift.
  static func forEachVoxel(
    of ray: IndexRay, in grid: VoxelGrid, slices: Range<Int>, _ body: (Int, Double) -> Void
  ) {
    let lower = SIMD3(0, 0, slices.lowerBound)
    let upper = SIMD3(grid.nx, grid.ny, slices.upperBound)
    var (t, end) = (ray.from, ray.to)
    for axis in 0..<3 {
      let faces = (Double(lower[axis]) - 0.5, Double(upper[axis]) - 0.5)
      let (start, speed) = (ray.start[axis], ray.direction[axis])
      if speed == 0 {
        guard start >= faces.0, start < faces.1 else { return }
      } else {
        let crossings = ((faces.0 - start) / speed, (faces.1 - start) / speed)
        t = max(t, min(crossings.0, crossings.1))
        end = min(end, max(crossings.0, crossings.1))
      }
    }
    guard t < end, t.isFinite, end.isFinite else { return }

    let d = ray.direction
    let forward = SIMD3(d.x > 0 ? 1 : 0, d.y > 0 ? 1 : 0, d.z > 0 ? 1 : 0)
    var voxel = SIMD3<Int>(0, 0, 0)
    // The t at which the ray leaves the current voxel through its face across each axis.
    var leave = Vector3(repeating: .infinity)
    func leaving(_ axis: Int) -> Double {
      let face = Double(voxel[axis] + forward[axis]) - 0.5
      return (face - ray.start[axis]) / ray.direction[axis]
    }
    for axis in 0..<3 {
      let place = (ray.position(at: t)[axis] + 0.5).rounded(.down)
      guard place.isFinite else { return }
      voxel[axis] = Int(min(max(place, Double(lower[axis])), Double(upper[axis] - 1)))
      guard ray.direction[axis] != 0 else { continue }
      leave[axis] = leaving(axis)
      // On a face, rounding may name the voxel just left; the ray has no length there.
      if leave[axis] <= t {
        voxel[axis] += 2 * forward[axis] - 1
        guard voxel[axis] >= lower[axis], voxel[axis] < upper[axis] else { return }
        leave[axis] = leaving(axis)
      }
    }
    while true {
      let axis = leave.x <= leave.y ? (leave.x <= leave.z ? 0 : 2) : (leave.y <= leave.z ? 1 : 2)
      let next = min(leave[axis], end)
      if next > t {
        body(grid.index(voxel.x, voxel.y, voxel.z), (next - t) * ray.length)
        t = next
      }
      guard leave[axis] < end else { return }
      voxel[axis] += 2 * forward[axis] - 1
      guard voxel[axis] >= lower[axis], voxel[axis] < upper[axis] else { return }
      leave[axis] = leaving(axis)
    }
  }
}
