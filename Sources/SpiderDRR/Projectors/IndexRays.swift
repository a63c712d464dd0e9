import SpiderImaging
import SpiderSupport

/// The rays of a geometry in the voxel indices of a grid, where planes and voxels are integers.
///
/// Indices depend affinely on the world, so straight rays stay straight and any affine (oblique,
/// anisotropic, mirrored, sheared) is handled by this change of coordinates alone.
struct IndexRays {
  let grid: VoxelGrid
  let beam: Beam
  let pixel: Vector3
  let columnStep: Vector3
  let rowStep: Vector3
  let columns: Int
  let rows: Int
  /// Factors that decide between axes along which a ray runs equally fast.
  ///
  /// The factor grows with the world axis nearest to the voxel axis. Thus a ray at exactly 45 degrees
  /// chooses the same plane family in whichever of the 48 orders the voxels are stored, and rounding
  /// does not decide.
  let preference: Vector3

  init(_ geometry: ProjectionGeometry, in grid: VoxelGrid) {
    let toIndex = grid.affine.inverse
    self.grid = grid
    switch geometry.beam {
    case .cone(let source): beam = .cone(source: toIndex.apply(source))
    case .parallel(let direction): beam = .parallel(direction: toIndex.applyLinear(direction))
    }
    pixel = toIndex.apply(geometry.pixelOrigin)
    columnStep = toIndex.applyLinear(geometry.columnStep)
    rowStep = toIndex.applyLinear(geometry.rowStep)
    columns = geometry.columns
    rows = geometry.rows
    let worldAxes = grid.orientation.axes.map { Double($0.worldAxis) }
    preference =
      Vector3(1, 1, 1) + 1e-9 * Vector3(worldAxes[0], worldAxes[1], worldAxes[2])
  }

  /// The ray of the pixel in a column and a row.
  func ray(column: Int, row: Int) -> IndexRay {
    let end = pixel + columnStep * Double(column) + rowStep * Double(row)
    let start: Vector3
    let direction: Vector3
    let range: (Double, Double)
    switch beam {
    case .cone(let source): (start, direction, range) = (source, end - source, (0, 1))
    case .parallel(let along): (start, direction, range) = (end, along, (-.infinity, 0))
    }
    var axis = 0
    for other in 1..<3
    where abs(direction[other]) * preference[other] > abs(direction[axis]) * preference[axis] {
      axis = other
    }
    return IndexRay(
      start: start, direction: direction, from: range.0, to: range.1,
      length: length(grid.affine.applyLinear(direction)), mainAxis: axis)
  }
}

extension IndexRays {
  /// The line integrals of a volume in double precision, row by row, for a projector that says which
  /// voxels a ray reads: `read` calls its second argument with their places in memory and their
  /// weights (mm).
  @inline(__always) static func lineIntegrals(
    of volume: Volume, _ geometry: ProjectionGeometry,
    _ read: @Sendable (IndexRay, (Int, Double) -> Void) -> Void
  ) -> [Double] {
    let rays = IndexRays(geometry, in: volume.grid)
    let lines = Parallel.map(geometry.rows) { row in
      (0..<geometry.columns).map { column in
        var sum = 0.0
        read(rays.ray(column: column, row: row)) { index, weight in
          sum += weight * Double(volume.values[index])
        }
        return sum
      }
    }
    return lines.flatMap { $0 }
  }
}

/// The ray of one pixel in the voxel indices of a grid: `start + t * direction`, t in `from...to`.
struct IndexRay {
  /// The position at t = 0: the source of a cone beam, the pixel of a parallel one.
  var start: Vector3
  /// Index steps for t = 1.
  var direction: Vector3
  /// The first t that counts: 0 at the source of a cone beam, minus infinity for a parallel one.
  var from: Double
  /// The last t that counts: the pixel.
  var to: Double
  /// World millimetres for t = 1.
  var length: Double
  /// The axis along which the index changes fastest.
  var mainAxis: Int

  /// The index position at t.
  func position(at t: Double) -> Vector3 { start + direction * t }
}

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
