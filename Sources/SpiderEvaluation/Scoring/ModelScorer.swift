import Foundation
import SpiderBaselines
import SpiderCore
import SpiderDRR
import SpiderSupport

/// Scores a model on prepared patients: X-rays without noise from the model's own views, a
/// reconstruction of the canonical field of view, the metrics of the conventions.
public struct ModelScorer: Sendable {
  /// What a method made of a patient's X-rays.
  public struct Outcome: Sendable {
    /// How good it is.
    public var metrics: CaseMetrics
    /// HU on the canonical grid.
    public var ct: Volume
    /// How far those may be off, where that was asked for and the model knows it.
    public var uncertainty: Volume?
    /// Seconds from X-rays to volume.
    public var seconds: Double
  }

  /// What is wrong with the X-rays, and the method is not told.
  public var disturbance = XRayDisturbance.none
  /// Brings what the model answers to agree with its X-rays before it is scored; nil scores the answer itself.
  public var refinement: Refinement?
  /// Whether to ask the model how far its CT numbers may be off.
  var asksUncertainty = false
  private let model: any ReconstructionModel
  private let size: Int
  private let surfaces: Bool
  private let side: Double

  /// Builds a scorer.
  ///
  /// - Parameters:
  ///   - size: voxels along a side of the reconstruction.
  ///   - fieldOfView: the side of what is reconstructed where the model shows any grid, mm.
  ///   - surfaces: whether to measure surface distances, the slowest part.
  public init(
    _ model: any ReconstructionModel, size: Int = 64, fieldOfView: Double = 256,
    surfaces: Bool = true
  ) {
    self.model = model
    self.size = size
    self.surfaces = surfaces
    side = model.traits.fieldOfView ?? fieldOfView
  }

  /// The metrics of one patient.
  public func evaluate(_ patient: PreparedPatient) throws -> CaseMetrics {
    try outcome(for: patient).metrics
  }

  /// The volume of one patient, how long it took, and its metrics.
  public func outcome(for patient: PreparedPatient) throws -> Outcome {
    let radiographs = try radiographs(of: patient)
    let grid = VoxelGrid.canonical(size: size, side: side)
    let start = Date()
    // What is hidden is masked already.
    var options = ReconstructionOptions(borders: .asStated)
    options.uncertainty = asksUncertainty
    var result = try model.reconstruct(radiographs, on: grid, options: options)
    if let refinement, Refinement.obstacle(on: grid, side: side) == nil {
      result.ct = try refinement.refined(result.ct, to: radiographs).ct
    }
    let seconds = Date().timeIntervalSince(start)
    let metrics = VolumeMetrics.evaluate(
      id: patient.id, candidate: result.ct, reference: patient.ct, candidateLabels: result.labels,
      referenceLabels: patient.labels, scheme: model.traits.scheme ?? .head,
      reprojectionRelativeError: Reprojection.relativeError(of: result.ct, radiographs),
      surfaces: surfaces)
    return Outcome(
      metrics: metrics, ct: result.ct, uncertainty: result.uncertainty, seconds: seconds)
  }

  /// The X-rays: taken as they were, stated as they are meant; pixels whose rays leave the scan through
  /// tissue are masked.
  private func radiographs(of patient: PreparedPatient) throws -> [Radiograph] {
    let (views, setup) = (model.traits.views, model.traits.setup)
    let stated = try views.map { try setup.geometry(of: $0) }
    let taken = try zip(views, stated).map {
      try disturbance.geometry($1, of: $0, isocenter: .zero)
    }
    let images = JosephProjector().forward(patient.attenuation, taken)
    // Each patient has noise of its own, the same for every method.
    var random = SeededGenerator(seed: patient.id.utf8.reduce(7) { $0 &* 31 &+ UInt64($1) })
    return zip(stated, zip(taken, images)).map { stated, image in
      disturbance.applied(
        to: Radiograph(
          geometry: stated, values: image.1,
          mask: patient.exit.mask(image.0, grid: patient.ct.grid)), &random)
    }
  }
}
