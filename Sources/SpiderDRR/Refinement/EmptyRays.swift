import SpiderImaging
import SpiderSupport

/// Air that X-rays show to the pixel: where a line integral is 0, nothing lies on its ray.
///
/// The visual hull keeps a margin for the patient's pose, up to 18 mm of it on coarse grids. Numbers that are taken
/// for line integrals say more: a volume that has tissue on an empty ray contradicts them, and a fit that must take
/// it away takes it from its neighbours, too. What blades or a shutter may hide is not empty: it is told as for the
/// hull, by `Silhouette`.
struct EmptyRays {
  /// Line integrals below this are none: a millimetre of water.
  private static let nothing: Float = 0.02

  /// Whether each pixel means what it says: those of nothing do only where no blade or shutter may be before them.
  let isCredible: [Bool]
  private let matrix: ProjectionMatrix
  private let columns: Int
  private let rows: Int
  /// Whether each pixel shows nothing.
  private let isEmpty: [Bool]

  /// Of line integrals, on pixels about as wide as voxels are seen. Nil where the open field is not certain.
  ///
  /// - Parameter center: of the volume, mm.
  init?(_ image: Radiograph, about center: Vector3) {
    (columns, rows) = (image.geometry.columns, image.geometry.rows)
    matrix = image.geometry.matrix
    let density = matrix.pixelsPerMillimetre(at: center)
    guard density.isFinite, density > 0, let silhouette = Silhouette(image, pixel: 1 / density)
    else { return nil }
    isEmpty = image.values.indices.map {
      image.values[$0] < Self.nothing && !silhouette.shadow[$0] && !silhouette.unknown[$0]
    }
    isCredible = image.values.indices.map {
      image.values[$0] >= Self.nothing || !silhouette.unknown[$0]
    }
  }

  /// ``isCredible`` of an X-ray whose open field is not certain.
  static func credible(_ image: Radiograph) -> [Bool] { image.values.map { $0 >= nothing } }

  /// Whether the ray through a world point, mm, is seen and empty.
  func show(_ point: Vector3) -> Bool {
    guard dot(matrix.linear.2, point) + matrix.constant.z > 0 else { return false }
    let pixel = matrix.project(point).rounded(.toNearestOrAwayFromZero)
    guard pixel.x >= 0, pixel.y >= 0, pixel.x < Double(columns), pixel.y < Double(rows)
    else { return false }
    return isEmpty[Int(pixel.y) * columns + Int(pixel.x)]
  }

  /// The voxels of a volume, HU, that hold something on a ray that is empty in one of some views; nil where there
  /// are none.
  static func contradicted(_ ct: Volume, by views: [EmptyRays]) -> Mask? {
    guard !views.isEmpty else { return nil }
    let grid = ct.grid
    let plane = grid.nx * grid.ny
    let slices = Parallel.map(grid.nz) { z in
      (0..<plane).map { index -> Bool in
        guard ct.values[z * plane + index] > -1000 else { return false }
        let point = grid.worldPoint(
          Double(index % grid.nx), Double(index / grid.nx), Double(z))
        return views.contains { $0.show(point) }
      }
    }
    let found = Mask(grid: grid, values: slices.flatMap(\.self))
    return found.population > 0 ? found : nil
  }
}
