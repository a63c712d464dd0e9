import SpiderImaging

/// By which faces of a volume's box the rays of a geometry go in and out.
struct BoxPassage {
  private let geometry: ProjectionGeometry
  private let toIndex: Affine
  private let shape: Vector3

  init(through box: VoxelGrid, _ geometry: ProjectionGeometry) {
    self.geometry = geometry
    toIndex = box.affine.inverse
    shape = Vector3(Double(box.nx), Double(box.ny), Double(box.nz))
  }

  /// The voxel axes across whose faces the ray of a place on the detector enters and leaves; nil where it
  /// misses the box.
  func axes(column: Double, row: Double) -> (enter: Int, leave: Int)? {
    let end = geometry.pixelCenter(column: column, row: row)
    let ray: (from: Vector3, along: Vector3)
    switch geometry.beam {
    case .cone(let source):
      ray = (toIndex.apply(source), toIndex.applyLinear(end - source))
    case .parallel(let direction):
      ray = (toIndex.apply(end), toIndex.applyLinear(direction))
    }
    var enter: (time: Double, axis: Int) = (-.infinity, 0)
    var leave: (time: Double, axis: Int) = (.infinity, 0)
    for axis in 0..<3 {
      let (from, along) = (ray.from[axis] + 0.5, ray.along[axis])
      guard along != 0 else {
        if from < 0 || from > shape[axis] { return nil }
        continue
      }
      let times = (-from / along, (shape[axis] - from) / along)
      if min(times.0, times.1) > enter.time { enter = (min(times.0, times.1), axis) }
      if max(times.0, times.1) < leave.time { leave = (max(times.0, times.1), axis) }
    }
    return enter.time < leave.time ? (enter.axis, leave.axis) : nil
  }
}
