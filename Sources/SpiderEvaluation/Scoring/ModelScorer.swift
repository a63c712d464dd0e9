import Foundation
import SpiderBaselines
import SpiderCore
import SpiderDRR
import SpiderDataSet
import SpiderIO
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
    /// Tissue classes on the same grid, from a model that tells tissues apart.
    public var labels: LabelVolume?
    /// The X-rays that it had.
    public var radiographs: [Radiograph]
    /// Of which views they are, in the same order.
    public var views: [NamedView]
    /// How far those may be off, where that was asked for and the model knows it.
    public var uncertainty: Volume?
    /// Seconds from X-rays to volume.
    public var seconds: Double
  }

  /// What is wrong with the X-rays, and the method is not told.
  public var disturbance = XRayDisturbance.none
  /// The X-rays that it is given: those the model names, or others, of a model that reads any views.
  public var views: [NamedView]
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
    views = model.traits.views
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
      let refined = try refinement.refined(result.ct, to: radiographs)
      result.ct = refined.ct
      result.labels = result.labels.map(refined.clearing)
      result.uncertainty = result.uncertainty.map(refined.clearing)
    }
    let seconds = Date().timeIntervalSince(start)
    let metrics = VolumeMetrics.evaluate(
      id: patient.id, candidate: result.ct, reference: patient.ct, candidateLabels: result.labels,
      referenceLabels: patient.labels, scheme: model.traits.scheme ?? .head,
      reprojectionRelativeError: Reprojection.relativeError(of: result.ct, radiographs),
      surfaces: surfaces)
    return Outcome(
      metrics: metrics, ct: result.ct, labels: result.labels, radiographs: radiographs,
      views: views, uncertainty: result.uncertainty, seconds: seconds)
  }

  /// The X-rays: taken as they were, stated as they are meant; pixels whose rays leave the scan through
  /// tissue are masked.
  private func radiographs(of patient: PreparedPatient) throws -> [Radiograph] {
    let setup = model.traits.setup
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
          mask: patient.exit.mask(image.0, grid: patient.ct.grid),
          photonEnergy: Attenuation.standard.keV), &random)
    }
  }
}

extension DataSet {
  /// The voxel mean of the real training cases, of all training cases where none is real: the answer
  /// of a method that does not look at the X-rays.
  ///
  /// - Throws: ``/SpiderDataSet/DataSetError/noCases(split:dataSet:)`` when there is no training case.
  public func meanTrainingVolume() throws -> Volume {
    let all = entries(.train)
    let real = all.filter(\.isReal)
    var mean = MeanVolume()
    for entry in real.isEmpty ? all : real {
      let (ct, labels) = try load(entry)
      try mean.add(ct, labels: labels)
    }
    guard mean.volumeCount > 0 else {
      throw DataSetError.noCases(split: DataSetIndex.Split.train.rawValue, dataSet: url.path)
    }
    return try mean.result()
  }

  /// The metrics of every patient of a split, one after the other.
  ///
  /// - Parameters:
  ///   - shard: the part of them that is scored; nil: all.
  ///   - progress: called after each with the share of patients done.
  ///   - each: called with every patient and what became of it.
  /// - Throws: ``/SpiderDataSet/DataSetError/noCases(split:dataSet:)`` when the split is empty.
  public func evaluate(
    _ split: DataSetIndex.Split, with scorer: ModelScorer, shard: Shard? = nil,
    progress: (Double) -> Void = { _ in },
    each: (PreparedPatient, ModelScorer.Outcome) -> Void = { _, _ in }
  ) throws -> EvaluationSummary {
    let all = entries(split)
    guard !all.isEmpty else {
      throw DataSetError.noCases(split: split.rawValue, dataSet: url.path)
    }
    let names = Set(shard?.part(of: all.map(\.id)) ?? all.map(\.id))
    let entries = all.filter { names.contains($0.id) }
    return EvaluationSummary(
      cases: try entries.enumerated().map { index, entry in
        defer { progress(Double(index + 1) / Double(entries.count)) }
        let patient = try patient(entry)
        let outcome = try scorer.outcome(for: patient)
        each(patient, outcome)
        return outcome.metrics
      })
  }
}

/// One patient in memory: CT and labels on the canonical grid, the attenuation the X-rays are made of,
/// and where the scan ends.
public struct PreparedPatient: Sendable {
  /// The case's name.
  public let id: String
  /// Whether it is a real patient and not a phantom.
  public let isReal: Bool
  /// HU on the canonical grid, the isocentre at the world's origin.
  public let ct: Volume
  /// Classes on the same grid.
  public let labels: LabelVolume
  /// Linear attenuation per mm on the same grid.
  public let attenuation: Volume
  /// Where tissue goes on beyond the scan.
  package let exit: TruncatedTissue

  /// Prepares a patient.
  public init(
    id: String, isReal: Bool, ct: Volume, labels: LabelVolume,
    attenuation: Attenuation = .standard
  ) {
    precondition(ct.grid == labels.grid, "CT and labels of '\(id)' lie on different grids")
    self.id = id
    self.isReal = isReal
    self.ct = ct
    self.labels = labels
    self.attenuation = attenuation.attenuation(of: ct)
    exit = TruncatedTissue(ct: ct, labels: labels)
  }
}

extension DataSet {
  /// A patient of this data set.
  public func patient(_ entry: DataSetIndex.Entry) throws -> PreparedPatient {
    let (ct, labels) = try load(entry)
    return PreparedPatient(id: entry.id, isReal: entry.isReal, ct: ct, labels: labels)
  }
}

/// Reads model files, whichever network is in them: the one place that tells their kinds apart.
public enum ModelReader {
  /// Reads a model file.
  ///
  /// - Throws: ``/SpiderIO/FileError`` when it holds no model, or one that cannot be used.
  public static func read(_ url: URL) throws(FileError) -> any StorableModel {
    let file = try SafetensorsFile.read(url, otherTypes: .skip)
    if BaselineModelFile.isBaseline(file) { return try BaselineModelFile.read(file, of: url) }
    // Strict about what is Spider's own: nothing is left out.
    let whole = file.skipped.isEmpty ? file : try SafetensorsFile.read(url)
    return try ModelFile.read(whole, of: url)
  }
}
