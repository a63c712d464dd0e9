import SpiderCore

extension VoxelGrid {
  /// Whether a grid covers the cube about a point, to half a voxel. Only a volume that holds all of
  /// the field of view can be held against the X-rays.
  func coversCube(about center: Vector3, side: Double) -> Bool {
    let (low, high) = bounds
    let reach = Vector3(repeating: side / 2) - spacing / 2
    return all(low .<= center - reach) && all(high .>= center + reach)
  }
}
