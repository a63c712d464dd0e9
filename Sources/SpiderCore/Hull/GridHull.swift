import SpiderSupport

/// A visual hull prepared for one grid: which voxels may hold the patient.
///
/// A voxel beyond the field of view is always among them: that it is outside is not for X-rays to say.
public struct GridHull: Sendable {
  /// The voxels.
  public let grid: VoxelGrid
  private let views: [(matrix: ProjectionMatrix, air: HullKernels.AirMap)]
  private let isocenter: Vector3
  private let side: Double
  /// Whether no voxel lies beyond the field of view.
  private let isWithinField: Bool

  init(grid: VoxelGrid, views: [HullView], isocenter: Vector3, side: Double) {
    self.grid = grid
    let (a, b, c) = grid.affine.columns
    let diagonals = [a + b + c, a + b - c, a - b + c, a - b - c]
    let reach = diagonals.map(length).max() ?? 0
    self.views = views.map { ($0.matrix, $0.airMap(reach: reach / 2)) }
    self.isocenter = isocenter
    self.side = side
    isWithinField = (0..<8).allSatisfy { corner in
      Self.contains(
        grid.worldPoint(
          corner & 1 == 0 ? 0 : Double(grid.nx - 1), corner & 2 == 0 ? 0 : Double(grid.ny - 1),
          corner & 4 == 0 ? 0 : Double(grid.nz - 1)) - isocenter, side: side)
    }
  }

  /// The voxels of some slices that may hold the patient: counted from the first of these slices,
  /// ascending.
  public func keep(slices: Range<Int>) -> [UInt32] {
    precondition(
      slices.lowerBound >= 0 && slices.upperBound <= grid.nz, "slices \(slices) of \(grid.nz)")
    let plane = grid.nx * grid.ny
    precondition(slices.count * plane <= Int(UInt32.max), "more voxels than can be counted")
    let lists = Parallel.map(slices.count) { index in
      HullKernels.unmarked(culled(slice: slices.lowerBound + index), first: index * plane)
    }
    return lists.count == 1 ? lists[0] : lists.flatMap { $0 }
  }

  /// Whether the voxel about a world point may hold the patient: the plain definition of
  /// ``keep(slices:)``, which rounds in single precision.
  public func contains(_ point: Vector3) -> Bool {
    guard Self.contains(point - isocenter, side: side) else { return true }
    return !views.contains { view in
      let w = dot(view.matrix.linear.2, point) + view.matrix.constant.z
      let pixel = view.matrix.project(point).rounded(.toNearestOrAwayFromZero)
      guard w > 0, pixel.x >= 0, pixel.y >= 0, pixel.x < Double(view.air.columns),
        pixel.y < Double(view.air.rows)
      else { return false }
      let place = (Int(pixel.y) + 1) * (view.air.columns + 2) + Int(pixel.x) + 1
      return view.air.pixels[place] == 1
    }
  }

  /// 1 for the voxels of a slice that are air.
  private func culled(slice k: Int) -> [UInt8] {
    var culled = [UInt8](repeating: 0, count: grid.nx * grid.ny)
    for view in views {
      HullKernels.markAir(
        view.air, projection(view.matrix, slice: k), nx: grid.nx, ny: grid.ny, in: &culled)
    }
    guard !isWithinField else { return culled }
    for index in culled.indices where culled[index] == 1 {
      let world = grid.worldPoint(Double(index % grid.nx), Double(index / grid.nx), Double(k))
      if !Self.contains(world - isocenter, side: side) { culled[index] = 0 }
    }
    return culled
  }

  private func projection(
    _ matrix: ProjectionMatrix, slice k: Int
  ) -> HullKernels.SliceProjection {
    func linear(_ v: Vector3) -> Vector3 {
      Vector3(dot(matrix.linear.0, v), dot(matrix.linear.1, v), dot(matrix.linear.2, v))
    }
    return HullKernels.SliceProjection(
      start: linear(grid.worldPoint(0, 0, Double(k))) + matrix.constant,
      stepI: linear(grid.affine.columns.0), stepJ: linear(grid.affine.columns.1))
  }

  /// Whether a point, from the isocentre, is in the field of view; with the decoder's own slack.
  private static func contains(_ offset: Vector3, side: Double) -> Bool {
    max(abs(offset.x), abs(offset.y), abs(offset.z)) <= side * (0.5 + 1e-9)
  }
}
