import Foundation
import SpiderCore
import SpiderEvaluation
import SpiderIO

/// The recipe by which one kind of network is trained: its batches, its step, its files. All else, the
/// run's order, its log, its checkpoints, is the same for all (``TrainingRun``).
public protocol TrainingRecipe: Sendable {
  /// All that a run changes.
  associatedtype State: RunState
  /// The input of a step.
  associatedtype Batch: Sendable
  /// The terms of the loss.
  associatedtype Loss: LossReport
  /// Their weights.
  associatedtype Weights: Codable & Sendable

  /// One step: moves the state and says what it did, or skips a spike (``SpikeGuard``). It throws
  /// ``TrainingError/diverged(_:)`` when a loss or gradient is not finite, and ``TrainingError/spikes(_:)`` after
  /// too many spikes in a row; nothing has moved then.
  typealias Step = (
    _ state: inout State, _ batch: Batch, _ learningRate: Double
  ) throws(TrainingError) -> StepReport<Loss>

  /// What whoever starts a run should know of it before the first step; not of one that is resumed.
  var notes: [String] { get }
  /// Length and intervals of the run.
  var plan: RunPlan { get }
  /// The patients that are learned from.
  var cases: CaseLibrary { get }
  /// The processes that make each step together; nil: this one alone.
  var communicator: (any Communicator)? { get }

  /// The same for a part of every batch: that of this process among others.
  ///
  /// - Throws: ``TrainingError/badConfiguration(_:)`` when the steps cannot be shared.
  func shared(_ communicator: any Communicator) throws(TrainingError) -> Self
  /// The start of a run.
  func start() -> State
  /// The learning rate of a step (from 0), `progress` (0 to 1) of the way through the run.
  func learningRate(step: Int, progress: Double) -> Double
  /// The batch of a step: it depends on the step's number alone.
  func batch(step: Int) throws -> Batch
  /// The names of the patients of a batch.
  func patients(of batch: Batch) -> [String]
  /// The function that makes steps from here on, with memory of its own.
  func stepper(for state: State) -> Step
  /// The weights of the loss's terms as they are now, for the log.
  func weights(_ state: State) -> Weights
  /// The model as it is now, for validation.
  func method(_ state: State) -> any ReconstructionModel
  /// One number to choose the best weights by, of a validation: the higher the better.
  func score(_ summary: EvaluationSummary) -> Double
  /// Writes the model as it is now.
  func write(_ state: State, record: [String: String], to url: URL) throws(FileError)
  /// The configuration as `config.yaml` holds it.
  func configurationText() throws -> String
  /// A text that two configurations share exactly when they train the same way.
  func fingerprint() throws -> String
}

extension TrainingRecipe {
  /// Nothing.
  public var notes: [String] { [] }

  /// This process alone.
  public var communicator: (any Communicator)? { nil }

  /// Networks that normalise over the whole batch would learn something else from its parts.
  public func shared(_ communicator: any Communicator) throws(TrainingError) -> Self {
    throw .badConfiguration(
      "its network normalises over the whole batch, which cannot be shared among processes; train "
        + "it in one")
  }

  /// PSNR in the body, the mean over the patients: networks that answer with CT numbers alone are
  /// chosen by them alone.
  public func score(_ summary: EvaluationSummary) -> Double {
    summary.mean[.psnrBody]?.value ?? 0
  }
}

extension StorableModel {
  /// Writes the model as a run has it now, with the record of the run beside what it knew of its training.
  func write(record: [String: String], to url: URL) throws(FileError) {
    var model = self
    model.training.merge(record) { _, new in new }
    try model.write(to: url, precision: .float32, overwrite: true)
  }
}
