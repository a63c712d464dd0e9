import SpiderBaselines
import SpiderCore
import SpiderDRR

/// Scores a method on prepared patients: X-rays without noise from the model's own views, a
/// reconstruction of the canonical field of view, the metrics of the conventions.
public struct ModelEvaluator: Sendable {
  private let method: ReconstructionMethod
  private let views: [NamedView]
  private let setup: ViewSetup
  private let size: Int
  private let surfaces: Bool
  private let side: Double
  private let scheme: LabelScheme

  /// Builds an evaluator. Baselines are given the default views.
  ///
  /// - Parameters:
  ///   - size: voxels along a side of the reconstruction.
  ///   - fieldOfView: the side of what a baseline reconstructs, mm; a model brings its own.
  ///   - surfaces: whether to measure surface distances, the slowest part.
  public init(
    _ method: ReconstructionMethod, size: Int = 64, fieldOfView: Double = 256,
    surfaces: Bool = true
  ) {
    self.method = method
    self.size = size
    self.surfaces = surfaces
    if case .model(let model) = method {
      views = model.description.views
      setup = model.description.setup
      side = model.description.fieldOfView
      scheme = model.description.scheme
    } else {
      views = [.pa, .left]
      setup = ViewSetup()
      side = fieldOfView
      scheme = .head
    }
  }

  /// The metrics of one patient.
  public func evaluate(_ patient: TrainingCase) throws -> CaseMetrics {
    let geometries = try views.map { try setup.geometry(of: $0) }
    let images = JosephProjector().forward(patient.attenuation, geometries)
    let radiographs = zip(geometries, images).map { geometry, values in
      Radiograph(
        geometry: geometry, values: values,
        mask: patient.exit.mask(geometry, grid: patient.ct.grid))
    }
    let grid = VoxelGrid.canonical(size: size, side: side)
    let result = try method.reconstruct(radiographs, on: grid)
    return Evaluation.evaluate(
      id: patient.id, candidate: result.ct, reference: patient.ct, candidateLabels: result.labels,
      referenceLabels: patient.labels, scheme: scheme,
      reprojectionRelativeError: Reprojection.relativeError(of: result.ct, radiographs),
      surfaces: surfaces)
  }
}
