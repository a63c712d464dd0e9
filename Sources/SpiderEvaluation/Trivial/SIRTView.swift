import SpiderCore
import SpiderDRR

/// The equations of one radiograph in SIRT: which pixels count, and their weights.
struct SIRTView {
  /// A ray or voxel with less than this length (mm) in the other side's space has no equation.
  static let shortestLength: Float = 1e-3

  let geometry: ProjectionGeometry
  /// The measured values, 0 where a pixel does not count.
  let measured: [Float]
  /// 1 for pixels that count, else 0.
  let weights: [Float]
  /// R: 1 over the length of each counting ray in the grid, in 1/mm; 0 for the others.
  let inverseRowSums: [Float]

  init(_ view: Radiograph, on grid: VoxelGrid, _ projector: JosephProjector) {
    let lengths = projector.forward(Volume(grid: grid, repeating: 1), view.geometry)
    let counts = lengths.indices.map { lengths[$0] > Self.shortestLength && view.counts($0) }
    geometry = view.geometry
    weights = counts.map { $0 ? 1 : 0 }
    measured = counts.indices.map { counts[$0] ? view.values[$0] : 0 }
    inverseRowSums = counts.indices.map { counts[$0] ? 1 / lengths[$0] : 0 }
  }

  /// The sum of squares of the measured values.
  var energy: Double { measured.reduce(0) { $0 + Double($1) * Double($1) } }

  /// b - A x over the pixels that count.
  func residual(of x: Volume, _ projector: JosephProjector) -> [Float] {
    let projected = projector.forward(x, geometry)
    return projected.indices.map { weights[$0] * (measured[$0] - projected[$0]) }
  }
}
