import Foundation
import SpiderCore
import SpiderEvaluation
import SpiderIO

/// The training of SPIDER: points of patients, the joint loss of intensity and structure.
public struct SpiderRecipe: TrainingRecipe {
  /// The state of a run.
  public typealias State = TrainingState
  /// Points of patients.
  public typealias Batch = TrainingBatch
  /// Intensity and structure.
  public typealias Loss = LossTerms
  /// Their weights.
  public typealias Weights = LossWeights

  private let configuration: TrainingConfiguration
  private var batches: BatchMaker
  private let trained: SpiderModel?
  /// The processes that make each step together; nil: this one alone.
  public private(set) var communicator: (any Communicator)?

  /// Plans to learn from patients.
  ///
  /// - Parameter trained: a model whose weights the run starts from; new ones by default.
  /// - Throws: ``TrainingError/badConfiguration(_:)``, also when that model is another network or means
  ///   other numbers by what it answers.
  public init(
    _ configuration: TrainingConfiguration, training: CaseLibrary, from trained: SpiderModel? = nil
  ) throws(TrainingError) {
    if let fault = configuration.fault { throw TrainingError.badConfiguration(fault) }
    precondition(!training.isEmpty, "training on no patients")
    if let trained, let difference = configuration.model.difference(from: trained.description) {
      throw TrainingError.badConfiguration(
        "the model to start from differs in \(difference); train it under a configuration with the "
          + "same, or start without it")
    }
    self.configuration = configuration
    self.trained = trained
    batches = BatchMaker(training, configuration)
  }

  /// The same for a part of every batch; each process must get at least one patient.
  public func shared(_ communicator: any Communicator) throws(TrainingError) -> SpiderRecipe {
    let patients = configuration.patientsPerStep
    guard communicator.size <= patients else {
      throw .badConfiguration(
        "patientsPerStep is \(patients), that of all processes together; it must be at least 1 for each "
          + "of the \(communicator.size)")
    }
    var recipe = self
    recipe.communicator = communicator
    recipe.batches = BatchMaker(
      cases, configuration, slots: communicator.slots(of: patients))
    return recipe
  }

  /// What the model that the run starts from was made for, where that is something else.
  public var notes: [String] {
    guard let trained, let change = configuration.model.change(from: trained.description) else {
      return []
    }
    return [
      "the model to start from was made for other X-rays, and the run has to teach it these: \(change); state "
        + "model.views and model.setup as there if they are to stay"
    ]
  }

  /// Length and intervals of the run.
  public var plan: RunPlan { configuration.plan }
  /// The patients that are learned from.
  public var cases: CaseLibrary { batches.cases }

  /// The start of a run.
  public func start() -> TrainingState { TrainingState(configuration, from: trained) }

  /// The learning rate of a step.
  public func learningRate(step: Int, progress: Double) -> Double {
    configuration.learningRate.rate(step: step, progress: progress)
  }

  /// The batch of a step.
  public func batch(step: Int) throws -> TrainingBatch { try batches.batch(step: step) }
  /// The names of its patients.
  public func patients(of batch: TrainingBatch) -> [String] { batch.names }

  /// The function that makes steps.
  public func stepper(for state: TrainingState) -> Step {
    let engine = StepEngine(
      state.model.network, batches.shapes, loss: configuration.loss,
      gradientLimit: configuration.gradientLimit, spikeLimit: configuration.spikeLimit,
      communicator: communicator)
    return { (state, batch, rate) throws(TrainingError) in
      try engine.step(&state, batch, learningRate: rate)
    }
  }

  /// The weights of the loss's terms.
  public func weights(_ state: TrainingState) -> LossWeights {
    state.balance?.weights ?? configuration.loss
  }

  /// The model as it is now.
  public func method(_ state: TrainingState) -> any ReconstructionModel { state.model }

  /// PSNR in the body plus ten times the Dice of `bone_hu` (the voxels of 300 HU and more, whatever
  /// their label), both means over the patients, so that 0.1 Dice is worth 1 dB.
  public func score(_ summary: EvaluationSummary) -> Double {
    (summary.mean[.psnrBody]?.value ?? 0) + 10 * (summary.mean[.dice, "bone_hu"]?.value ?? 0)
  }

  /// Writes the model as it is now.
  public func write(
    _ state: TrainingState, record: [String: String], to url: URL
  ) throws(FileError) {
    try state.model.write(record: record, to: url)
  }

  /// The configuration as `config.yaml` holds it.
  public func configurationText() throws -> String { try configuration.yaml() }

  /// A text that two configurations share exactly when they train the same way.
  public func fingerprint() throws -> String { try configuration.fingerprint() }
}
