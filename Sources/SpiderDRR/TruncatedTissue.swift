import SpiderImaging

/// Where tissue goes on beyond the scan, and which pixels of an X-ray that spoils.
///
/// A ray that leaves the scanned region through tissue has a line integral that nobody knows: the part
/// outside is missing. Such pixels are masked, in training as in evaluation: they become what
/// ``/SpiderImaging/Radiograph/relative()`` makes of every pixel that does not count.
package struct TruncatedTissue: Sendable {
  /// Voxels of tissue beside the end of the scan or of the grid.
  package let voxels: [Int32]

  /// Tissue that matters to a line integral, relative to water: not air, not the partial voxels of the
  /// skin.
  package static let tissue: Float = 0.5

  /// Exits that are known.
  package init(voxels: [Int32]) { self.voxels = voxels }

  /// Finds the exits of a patient.
  package init(ct: Volume, labels: LabelVolume) {
    let grid = ct.grid
    let (nx, ny, nz) = (grid.nx, grid.ny, grid.nz)
    let outside = LabelScheme.outsideScan
    let hasEnd = labels.values.contains(outside)
    var found: [Int32] = []
    for k in 0..<nz {
      for j in 0..<ny {
        let isFace = k == 0 || k == nz - 1 || j == 0 || j == ny - 1
        let row = (k * ny + j) * nx
        for index in row..<row + nx {
          let isBorder = isFace || index == row || index == row + nx - 1
          guard isBorder || hasEnd, ct.values[index] > 1000 * (Self.tissue - 1),
            labels.values[index] != outside
          else { continue }
          if isBorder
            || [-1, 1, -nx, nx, -nx * ny, nx * ny].contains(where: {
              labels.values[index + $0] == outside
            })
          {
            found.append(Int32(index))
          }
        }
      }
    }
    voxels = found
  }

  /// Finds the exits of a volume of which nothing more is known: all tissue at its borders.
  package init(_ ct: Volume) {
    let (nx, ny, nz) = (ct.grid.nx, ct.grid.ny, ct.grid.nz)
    voxels = ct.values.indices.compactMap { index in
      guard ct.values[index] > 1000 * (Self.tissue - 1) else { return nil }
      let (i, j, k) = (index % nx, index / nx % ny, index / (nx * ny))
      let isBorder = i == 0 || i == nx - 1 || j == 0 || j == ny - 1 || k == 0 || k == nz - 1
      return isBorder ? Int32(index) : nil
    }
  }

  /// Which pixels count; nil when all do. A pixel does not when its ray may pass through an exit
  /// voxel.
  ///
  /// - Parameters:
  ///   - grid: where the voxels lie in the world.
  ///   - carry: where the patient's own deformation takes voxels; nil when he has none.
  package func mask(
    _ geometry: ProjectionGeometry, grid: VoxelGrid, carry: (([Vector3]) -> [Vector3])? = nil
  ) -> [Bool]? {
    guard !voxels.isEmpty else { return nil }
    var places = voxels.map { index in
      let voxel = grid.voxel(at: Int(index))
      return Vector3(Double(voxel.x), Double(voxel.y), Double(voxel.z))
    }
    if let carry { places = carry(places) }
    let radius = Self.radius(of: grid, geometry)
    let matrix = geometry.matrix
    let (columns, rows) = (geometry.columns, geometry.rows)
    var mask = [Bool](repeating: true, count: geometry.count)
    for place in places {
      let pixel = matrix.project(grid.affine.apply(place))
      guard pixel.x.isFinite, pixel.y.isFinite, abs(pixel.x) < 1e6, abs(pixel.y) < 1e6 else {
        continue
      }
      let first = SIMD2(
        max(0, Int((pixel.x - radius.x).rounded(.up))),
        max(0, Int((pixel.y - radius.y).rounded(.up))))
      let last = SIMD2(
        min(columns - 1, Int((pixel.x + radius.x).rounded(.down))),
        min(rows - 1, Int((pixel.y + radius.y).rounded(.down))))
      guard first.x <= last.x, first.y <= last.y else { continue }
      for row in first.y...last.y {
        for column in first.x...last.x { mask[row * columns + column] = false }
      }
    }
    return mask
  }

  /// Half of a voxel's diagonal, since it may lie turned, and half a pixel, as the detector sees them, in
  /// pixels.
  private static func radius(
    of grid: VoxelGrid, _ geometry: ProjectionGeometry
  ) -> SIMD2<Double> {
    let half = length(grid.spacing) / 2
    let matrix = geometry.matrix
    let middle = grid.center
    let column = matrix.project(middle + normalized(geometry.columnStep) * half)
    let row = matrix.project(middle + normalized(geometry.rowStep) * half)
    let here = matrix.project(middle)
    return SIMD2(abs(column.x - here.x), abs(row.y - here.y)) + 0.5
  }
}
