import SpiderBaselines
import SpiderCore
import SpiderSupport
import SpiderTensor

/// A maker of the samples that published networks learn from: the same patients and X-rays, varied in the
/// same way, as SPIDER sees, turned to the networks' own storage.
///
/// Shape letters: N patients, S pixels along a side of the X-rays.
struct BaselineSampler: Sendable {
  /// The samples of a step.
  struct Samples: Sendable {
    /// (N, 1, S, S), turned as the network has them.
    let frontal: Tensor
    let lateral: Tensor
    /// One pair a patient.
    let cameras: [SliceCameras]
    /// The truth in window units, patient by patient.
    let truth: Tensor
    /// 1 where it is known, 0 outside the scan.
    let known: Tensor
    /// What the patients are called.
    let names: [String]
  }

  let cases: CaseLibrary
  private let configuration: BaselineConfiguration
  private let orientation: PublishedOrientation
  private let schedule: CaseSchedule
  private let maker: SampleMaker

  init(_ cases: CaseLibrary, _ configuration: BaselineConfiguration) throws {
    if let fault = configuration.fault { throw TrainingError.badConfiguration(fault) }
    precondition(!cases.isEmpty, "training on no patients")
    self.cases = cases
    self.configuration = configuration
    orientation = try PublishedOrientation(views: configuration.model.views)
    schedule = CaseSchedule(
      cases.cards, realShare: configuration.realShare, seed: configuration.seed)
    maker = SampleMaker(
      description: Self.frame(of: configuration.model), augmentation: configuration.augmentation,
      sampling: PointSampling())
  }

  /// The samples of a step, made side by side, each straight into its part of the batch's memory.
  ///
  /// - Parameters:
  ///   - shape: that of the truth, whose numbers the patients share equally.
  ///   - points: where a patient's truth is wanted, along D, H and W in sides of the volume, by a random
  ///     stream of its own.
  func samples(
    step: Int, shape: [Int], points: @Sendable (_ slot: Int) -> [Vector3]
  ) throws -> Samples {
    let model = configuration.model
    let (n, s) = (configuration.patientsPerStep, model.architecture.size)
    var frontal = Tensor(uninitialized: [n, 1, s, s])
    var lateral = Tensor(uninitialized: [n, 1, s, s])
    var truth = Tensor(uninitialized: shape)
    var known = Tensor(uninitialized: shape)
    let memory = (
      frontal: frontal.mutableSlice(), lateral: lateral.mutableSlice(),
      truth: truth.mutableSlice(), known: known.mutableSlice()
    )
    let cameras = try schedule.map(step: step, 0..<n, of: cases) { slot, patient, random in
      let look = try maker.look(
        at: patient, random,
        points: points(slot).map { orientation.world($0) * model.fieldOfView },
        intensity: memory.truth.share(slot, of: n))
      let mask = memory.known.share(slot, of: n)
      for (p, label) in look.labels.enumerated() {
        mask[p] = label == LabelScheme.outsideScan ? 0 : 1
      }
      let images = try PublishedImages(
        NetworkInput.normalized(look.radiographs, as: .relative), for: model, isocenter: .zero)
      memory.frontal.share(slot, of: n).copy(from: images.frontal.slice)
      memory.lateral.share(slot, of: n).copy(from: images.lateral.slice)
      let values = memory.truth.share(slot, of: n)
      let isTrue = (0..<values.count).allSatisfy { mask[$0] == 0 || values[$0].isFinite }
      guard isTrue, images.frontal.slice.isFinite, images.lateral.slice.isFinite else {
        throw TrainingError.diverged(
          Divergence(
            step: step + 1, data: isTrue ? "X-rays" : "CT numbers", patients: [patient.id]))
      }
      return images.cameras
    }
    return Samples(
      frontal: frontal, lateral: lateral, cameras: cameras, truth: truth, known: known,
      names: schedule.names(step: step, 0..<n, of: cases))
  }

  /// A truth with a number in every unknown place.
  static func filled(_ truth: Tensor, where known: Tensor, with value: Float) -> Tensor {
    Tensor(truth.shape, zip(truth.values, known.values).map { $1 > 0 ? $0 : value })
  }

  /// Field of view, window, views and detector in the form in which samples are made; nothing of the
  /// network in it is read.
  private static func frame(of model: BaselineDescription) -> ModelDescription {
    ModelDescription(
      architecture: SpiderArchitecture(), window: model.window, fieldOfView: model.fieldOfView,
      views: model.views, setup: model.setup)
  }
}
