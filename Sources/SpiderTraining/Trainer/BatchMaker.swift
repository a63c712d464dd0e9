import SpiderCore
import Synchronization

/// Makes the batch of a step: its samples side by side, one thread each, as many at a time as there
/// are workers.
public struct BatchMaker: Sendable {
  let cases: [TrainingCase]
  let schedule: CaseSchedule
  let maker: SampleMaker
  let patientsPerStep: Int

  /// Prepares to make the batches of a run.
  public init(_ cases: [TrainingCase], _ configuration: TrainingConfiguration) {
    self.cases = cases
    schedule = CaseSchedule(
      cases, realShare: configuration.realShare, seed: configuration.seed)
    maker = SampleMaker(
      description: configuration.model, augmentation: configuration.augmentation,
      sampling: configuration.sampling)
    patientsPerStep = configuration.patientsPerStep
  }

  /// The batch of a step: it depends on the configuration's seed and the step alone.
  ///
  /// - Throws: What making one of its samples threw.
  public func batch(step: Int) throws -> TrainingBatch {
    let draws = schedule.draw(step: step, count: patientsPerStep)
    let samples = Parallel.map(draws.count) { slot in
      Result { try maker.make(cases[draws[slot].patient], draws[slot].random) }
    }
    return Sample.batch(try samples.map { try $0.get() }, description: maker.description)
  }
}
