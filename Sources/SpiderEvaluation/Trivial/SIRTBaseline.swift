import SpiderBaselines
import SpiderCore
import SpiderDRR

/// Reconstruction from a few radiographs by physics alone: SIRT with non-negativity, the answer of a
/// method that has learned nothing.
///
/// x <- max(0, x + C A' R (b - A x)), from x = 0, where R holds the inverse row sums of the projector A
/// and C the inverse column sums over all views (A. C. Kak, M. Slaney, Principles of Computerized
/// Tomographic Imaging, 1988, chapter 7). Without the constraint it descends in the R-weighted norm of
/// the residual at every step. Two views leave most of the volume undetermined; that is the point.
public struct SIRTBaseline: Sendable {
  /// What a reconstruction gives.
  public struct Result: Sendable {
    /// The volume, HU.
    public let volume: Volume
    /// ||b - A x|| / ||b|| over the pixels that count, before the first iteration and after each.
    public let residuals: [Double]
  }

  /// The number of iterations.
  public var iterations: Int
  /// The law by which attenuation becomes CT numbers.
  public var attenuation: Attenuation
  /// The projector and its adjoint.
  public var projector: JosephProjector

  /// By default 50 iterations at 70 keV.
  public init(
    iterations: Int = 50, attenuation: Attenuation = .standard,
    projector: JosephProjector = JosephProjector()
  ) {
    self.iterations = iterations
    self.attenuation = attenuation
    self.projector = projector
  }

  /// Reconstructs a grid from absolute radiographs; masked pixels have no weight. Any number of views.
  ///
  /// - Throws: ``/SpiderBaselines/BaselineError`` when there is no radiograph, or one holds no line integrals.
  public func solve(
    _ views: [Radiograph], on grid: VoxelGrid
  ) throws(BaselineError) -> Result {
    // All is done in the memory order that suits the rays; only the result is brought back.
    let order = VoxelOrder(for: views.map(\.geometry), in: grid)
    let arranged = grid.reordered(order)
    if let relative = views.firstIndex(where: { $0.intensity != .absolute }) {
      throw .notAbsolute(view: relative + 1)
    }
    guard !views.isEmpty else { throw .noViews }
    let equations = views.map { SIRTView($0, on: arranged, projector) }

    var columnSums = Volume(grid: arranged, repeating: 0)
    for view in equations { projector.addAdjoint(view.weights, view.geometry, to: &columnSums) }
    let steps = columnSums.values.map { $0 > SIRTView.shortestLength ? 1 / $0 : 0 }

    let energy = equations.reduce(0) { $0 + $1.energy }
    var x = Volume(grid: arranged, repeating: 0)
    var residuals: [Double] = []
    for iteration in 0...iterations {
      var update = Volume(grid: arranged, repeating: 0)
      var squares = 0.0
      for view in equations {
        let residual = view.residual(of: x, projector)
        squares += residual.reduce(0) { $0 + Double($1) * Double($1) }
        guard iteration < iterations else { continue }
        let weighted = residual.indices.map { residual[$0] * view.inverseRowSums[$0] }
        projector.addAdjoint(weighted, view.geometry, to: &update)
      }
      residuals.append(energy > 0 ? (squares / energy).squareRoot() : 0)
      for index in x.values.indices {
        x.values[index] = max(0, x.values[index] + steps[index] * update.values[index])
      }
    }
    return Result(
      volume: attenuation.ct(of: x.reordered(order.inverse)), residuals: residuals)
  }
}

extension SIRTBaseline: ReconstructionModel {
  /// It takes any X-rays of line integrals; scores give it the default views.
  public var traits: ModelTraits { ModelTraits(name: "two-view") }

  /// Four volumes: attenuation, update and column sums in the rays' order, and the result.
  public func memory(for grid: VoxelGrid, options: ReconstructionOptions) -> Int {
    4 * grid.count * MemoryLayout<Float>.stride
  }

  /// Solves for the grid, and hands it on.
  public func answer(
    _ views: PreparedViews, on grid: VoxelGrid, options: ReconstructionOptions,
    progress: (Double) throws -> Void, into sink: (ReconstructionSlab) throws -> Void
  ) throws -> ReconstructionSummary {
    try ReconstructionSlab.deliver(solve(views.given, on: grid).volume, into: sink)
    try progress(1)
    return ReconstructionSummary(points: grid.count)
  }
}

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
