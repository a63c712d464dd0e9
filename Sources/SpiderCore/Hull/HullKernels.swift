internal import CSpiderKernels

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
