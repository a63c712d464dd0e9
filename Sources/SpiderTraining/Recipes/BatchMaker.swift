import SpiderCore
import SpiderSupport
import SpiderTensor

/// A maker of the batches of a run of SPIDER: the samples side by side, one thread each, as many at a time
/// as there are workers, each written straight into its part of the batch's memory. Patients are read
/// when a step first needs them.
package struct BatchMaker: Sendable {
  let cases: CaseLibrary
  private let schedule: CaseSchedule
  private let maker: SampleMaker
  /// The shapes of batches: one for each number of views.
  let shapes: [TrainingBatch.Shape]
  private let draw: AnyViewDraw?
  private let seed: UInt64
  private let planes: Int
  private let slots: Range<Int>

  /// Prepares to make the batches of a run.
  ///
  /// - Parameter slots: those patients of each step that are made; nil: all.
  package init(
    _ cases: CaseLibrary, _ configuration: TrainingConfiguration, slots: Range<Int>? = nil
  ) {
    self.cases = cases
    schedule = CaseSchedule(
      cases.cards, realShare: configuration.realShare, seed: configuration.seed)
    maker = SampleMaker(
      description: configuration.model, augmentation: configuration.augmentation,
      sampling: configuration.sampling, unlabelled: configuration.unlabelled)
    let slots = slots ?? 0..<configuration.patientsPerStep
    self.slots = slots
    shapes = configuration.batchShapes(patients: slots.count)
    draw = AnyViewDraw(configuration.model)
    seed = configuration.seed
    planes = configuration.model.architecture.imageChannels
  }

  /// The same of patients in memory.
  package init(_ cases: [TrainingCase], _ configuration: TrainingConfiguration) {
    self.init(CaseLibrary(cases), configuration)
  }

  /// The batch of a step: it depends on the configuration's seed and the step alone.
  ///
  /// - Throws: The error of one of its samples.
  package func batch(step: Int) throws -> TrainingBatch {
    let v = draw?.count(step: step, seed: seed) ?? shapes[0].views
    let (b, p) = (shapes[0].patients, shapes[0].pointsPerPatient)
    var images = Tensor(uninitialized: [b * v, planes, shapes[0].height, shapes[0].width])
    var points = Tensor(uninitialized: [b, p, 3])
    var pixels = Tensor(uninitialized: [b, v, p, 2])
    var intensity = Tensor(uninitialized: [b, p])
    let whole = SampleMaker.Place(
      images: images.mutableSlice(), points: points.mutableSlice(), pixels: pixels.mutableSlice(),
      intensity: intensity.mutableSlice())
    let truths = try schedule.map(step: step, slots, of: cases) { place, patient, random in
      let part = whole.part(place, of: b)
      let truth = try maker.make(patient, random, views: v, into: part)
      if let data = part.notFinite(truth.labels) {
        throw TrainingError.diverged(
          Divergence(step: step + 1, data: data, patients: [patient.id]))
      }
      return truth
    }
    return TrainingBatch(
      images: images, points: points, pixels: pixels, intensity: intensity,
      labels: truths.flatMap(\.labels), weights: truths.flatMap(\.weights),
      names: schedule.names(step: step, slots, of: cases))
  }
}

extension SampleMaker.Place {
  /// What of a sample with these labels is not finite; nil: all that counts is.
  fileprivate func notFinite(_ labels: [UInt8]) -> String? {
    if !images.isFinite { return "X-rays" }
    if !points.isFinite || !pixels.isFinite { return "points" }
    let isTrue = labels.indices.allSatisfy {
      labels[$0] == LabelScheme.outsideScan || intensity[$0].isFinite
    }
    return isTrue ? nil : "CT numbers"
  }

  /// The part of one of `count` patients.
  fileprivate func part(_ slot: Int, of count: Int) -> SampleMaker.Place {
    SampleMaker.Place(
      images: images.share(slot, of: count), points: points.share(slot, of: count),
      pixels: pixels.share(slot, of: count), intensity: intensity.share(slot, of: count))
  }
}

extension FloatSlice {
  /// One of `count` parts of equal size.
  func share(_ index: Int, of count: Int) -> FloatSlice {
    let size = self.count / count
    return part(index * size, size)
  }
}

/// The schedule of the patients that a step sees, by the step's number alone: real ones and phantoms in
/// the share that was asked for, each kind in random order.
struct CaseSchedule: Sendable {
  let real: [Int]
  let phantoms: [Int]
  let realShare: Double
  let seed: UInt64

  init(_ cases: [CaseLibrary.Card], realShare: Double, seed: UInt64) {
    real = cases.indices.filter { cases[$0].isReal }
    phantoms = cases.indices.filter { !cases[$0].isReal }
    self.realShare = real.isEmpty ? 0 : phantoms.isEmpty ? 1 : realShare
    self.seed = seed
  }

  /// The patients in slots of a step, and the random stream of each: it depends on step and slot alone,
  /// whoever makes which slots.
  func draw(step: Int, _ slots: Range<Int>) -> [(patient: Int, random: SeededGenerator)] {
    slots.map { slot in
      var random = SeededGenerator(seed: seed).fork(UInt64(step)).fork(UInt64(slot))
      let kind = random.uniform() < realShare ? real : phantoms
      return (kind[random.index(below: kind.count)], random.fork(1))
    }
  }

  /// The names of the patients in slots of a step.
  func names(step: Int, _ slots: Range<Int>, of cases: CaseLibrary) -> [String] {
    draw(step: step, slots).map { cases.cards[$0.patient].id }
  }

  /// The values that `body` makes of the patients in slots of a step, side by side; it is told the place
  /// of each among them.
  ///
  /// - Throws: The error of the first slot that has one, that of reading a patient, or
  ///   ``TrainingError/diverged(_:)`` where CT numbers of one are not finite.
  func map<Value: Sendable>(
    step: Int, _ slots: Range<Int>, of cases: CaseLibrary,
    _ body: @Sendable (_ place: Int, TrainingCase, SeededGenerator) throws -> Value
  ) throws -> [Value] {
    let draws = draw(step: step, slots)
    let patients = try cases.patients(draws.map(\.patient))
    return try Parallel.map(draws.count) { place -> Result<Value, any Error> in
      let (number, random) = draws[place]
      guard let patient = patients[number] else { preconditionFailure("patient \(number)") }
      guard patient.isFinite else {
        return .failure(
          TrainingError.diverged(
            Divergence(step: step + 1, data: "CT numbers", patients: [patient.id])))
      }
      return Result { try body(place, patient, random) }
    }.map { try $0.get() }
  }
}
