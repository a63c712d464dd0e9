import SpiderCore
import SpiderSupport
import Synchronization

/// Makes the batch of a step: its samples side by side, one thread each, as many at a time as there
/// are workers. Patients are read when a step first needs them.
public struct BatchMaker: Sendable {
  let cases: CaseLibrary
  let schedule: CaseSchedule
  let maker: SampleMaker
  let patientsPerStep: Int

  /// Prepares to make the batches of a run.
  public init(_ cases: CaseLibrary, _ configuration: TrainingConfiguration) {
    self.cases = cases
    schedule = CaseSchedule(
      cases.cards, realShare: configuration.realShare, seed: configuration.seed)
    maker = SampleMaker(
      description: configuration.model, augmentation: configuration.augmentation,
      sampling: configuration.sampling)
    patientsPerStep = configuration.patientsPerStep
  }

  /// The same of patients in memory.
  public init(_ cases: [TrainingCase], _ configuration: TrainingConfiguration) {
    self.init(CaseLibrary(cases), configuration)
  }

  /// The batch of a step: it depends on the configuration's seed and the step alone.
  ///
  /// - Throws: What making one of its samples threw.
  package func batch(step: Int) throws -> TrainingBatch {
    let draws = schedule.draw(step: step, count: patientsPerStep)
    let patients = try cases.patients(draws.map(\.patient))
    let samples = Parallel.map(draws.count) { slot in
      let (number, random) = draws[slot]
      guard let patient = patients[number] else { preconditionFailure("patient \(number)") }
      return Result { try maker.make(patient, random) }
    }
    return PatientSample.batch(try samples.map { try $0.get() }, description: maker.description)
  }
}

/// Says which patients a step sees, by the step's number alone: real ones and phantoms in the share
/// that was asked for, each kind in random order.
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

  /// The patients of a step and the random stream of each.
  func draw(step: Int, count: Int) -> [(patient: Int, random: SeededGenerator)] {
    (0..<count).map { slot in
      var random = SeededGenerator(seed: seed).fork(UInt64(step)).fork(UInt64(slot))
      let kind = random.uniform() < realShare ? real : phantoms
      return (kind[random.index(below: kind.count)], random.fork(1))
    }
  }
}
