import SpiderBaselines
import SpiderCore
import SpiderSupport
import SpiderTensor

/// Makes what published networks learn from: the same patients and X-rays, varied in the same way, as
/// SPIDER sees, turned to the networks' own storage.
struct BaselineSampler: Sendable {
  /// What one patient contributes.
  struct PatientSample: Sendable {
    let images: PublishedImages
    /// The truth at the points that were asked for, window units.
    let truth: [Float]
    /// 1 where it is known, 0 outside the scan.
    let known: [Float]
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

  /// The samples of a step, side by side. `points` says where a patient's truth is wanted, along D, H
  /// and W in sides of the volume, by a random stream of its own.
  func samples(
    step: Int, points: @Sendable (_ slot: Int) -> [Vector3]
  ) throws -> [PatientSample] {
    let draws = schedule.draw(step: step, count: configuration.patientsPerStep)
    let model = configuration.model
    let patients = try cases.patients(draws.map(\.patient))
    let samples = Parallel.map(draws.count) { slot in
      let (number, random) = draws[slot]
      guard let patient = patients[number] else { preconditionFailure("patient \(number)") }
      return Result {
        let world = points(slot).map { orientation.world($0) * model.fieldOfView }
        let look = try maker.look(
          at: patient, random, points: world)
        return PatientSample(
          images: try PublishedImages(
            NetworkInput.normalized(look.radiographs, as: .relative), for: model, isocenter: .zero),
          truth: look.intensity,
          known: look.labels.map { $0 == LabelScheme.outsideScan ? 0 : 1 })
      }
    }
    return try samples.map { try $0.get() }
  }

  /// Some of the samples' numbers as a batch (N, ...).
  static func batch(_ parts: [[Float]], _ shape: [Int]) -> Tensor {
    Tensor(
      [parts.count * (parts.first?.count ?? 0) / shape.reduce(1, *)] + shape, parts.flatMap { $0 })
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
