internal import CSpiderKernels
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

/// The wrappers of the C kernels of the visual hull.
package enum HullKernels {
  /// Which pixels of a view's detector say that their rays, and those near them, met nothing but air.
  package struct AirMap: Sendable {
    /// Columns of the detector.
    package let columns: Int
    /// Rows of the detector.
    package let rows: Int
    /// 1 for air; `rows + 2` rows of `columns + 2`, with a border of zeros.
    package let pixels: [UInt8]

    /// Takes a map with its border.
    package init(columns: Int, rows: Int, pixels: [UInt8]) {
      precondition(
        pixels.count == (columns + 2) * (rows + 2),
        "\(pixels.count) entries for \(columns) x \(rows) pixels with a border")
      self.columns = columns
      self.rows = rows
      self.pixels = pixels
    }
  }

  /// Homogeneous pixel positions (column w, row w, w) of a slice's first voxel, and the steps to the
  /// next along i and j.
  package struct SliceProjection: Sendable {
    /// Of the voxel (0, 0).
    package var start: Vector3
    /// From a voxel to the next along i.
    package var stepI: Vector3
    /// From a voxel to the next along j.
    package var stepJ: Vector3

    /// States all of them.
    package init(start: Vector3, stepI: Vector3, stepJ: Vector3) {
      self.start = start
      self.stepI = stepI
      self.stepJ = stepJ
    }
  }

  /// Marks with 1 the voxels of an `nx` x `ny` slice whose nearest pixel is air; leaves the others. The
  /// plain definition is `VisualHull.contains`.
  package static func markAir(
    _ map: AirMap, _ slice: SliceProjection, nx: Int, ny: Int, in culled: inout [UInt8]
  ) {
    precondition(culled.count == nx * ny, "\(culled.count) marks for \(nx) x \(ny) voxels")
    // One more for the border, half to round.
    func shifted(_ p: Vector3) -> [Double] { [p.x + 1.5 * p.z, p.y + 1.5 * p.z, p.z] }
    unsafe spider_hull_slice(
      map.pixels, Int32(map.columns), Int32(map.rows), shifted(slice.start),
      shifted(slice.stepI), shifted(slice.stepJ), Int32(nx), Int32(ny), &culled)
  }

  /// The places of the zeros, counted from `first` on, ascending.
  package static func unmarked(_ culled: [UInt8], first: Int) -> [UInt32] {
    unsafe [UInt32](unsafeUninitializedCapacity: culled.count + 1) { buffer, count in
      guard let base = buffer.baseAddress else { return }
      count = Int(
        unsafe spider_hull_list(culled, Int64(culled.count), UInt32(first), base))
    }
  }
}
