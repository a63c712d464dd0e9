import Foundation
import SpiderCore
import SpiderIO

/// Trains a SPIDER model on prepared patients: a run in a folder that survives being stopped at any
/// moment.
///
/// Each step takes a batch, which was prepared while the step before it ran, steps the optimizer and,
/// now and then, reports, validates and saves. All randomness depends on seed and step number alone, so
/// a run that was stopped and resumed gives the same bits as one that was not (same thread count, length
/// counted in steps).
public struct Trainer: Sendable {
  /// What a run tells as it goes on.
  public enum Event: Sendable {
    /// A line of the log.
    case line(LogLine)
    /// How far the run is, 0 to 1, and how many seconds are left.
    case progress(share: Double, secondsLeft: Double)
    /// A new best model was saved, with its validation score.
    case best(score: Double)
  }

  private let configuration: TrainingConfiguration
  private let folder: RunFolder
  private let batches: BatchMaker
  private let validator: Validator
  /// What a checkpoint must agree with: the patients, by name and content.
  private let patients: String
  /// Whether each batch is prepared while the step before it runs; false, batch and step one after the
  /// other, is the reference of the tests.
  package var preparesAhead = true

  /// Plans a run on patients in memory.
  public init(
    _ configuration: TrainingConfiguration, training: [TrainingCase], validation: [TrainingCase],
    folder: RunFolder
  ) throws {
    try self.init(
      configuration, training: CaseLibrary(training), validation: CaseLibrary(validation),
      folder: folder)
  }

  /// Plans a run.
  public init(
    _ configuration: TrainingConfiguration, training: CaseLibrary, validation: CaseLibrary,
    folder: RunFolder
  ) throws {
    if let fault = configuration.fault { throw TrainingError.badConfiguration(fault) }
    precondition(!training.isEmpty, "training on no patients")
    self.configuration = configuration
    self.folder = folder
    batches = BatchMaker(training, configuration)
    patients = training.fingerprint
    validator = Validator(cases: validation, size: configuration.validationSize)
  }

  /// Runs to the end and returns the last state.
  ///
  /// - Throws: ``TrainingError`` or ``SpiderIO/FileError``; the last checkpoint is kept.
  public func run(
    resume: Bool, report: @escaping @Sendable (Event) -> Void = { _ in }
  ) throws -> TrainingState {
    var state = try start(resume: resume)
    let log = try TrainingLog(folder.log, resumingAfter: resume ? state.step : nil)
    let engine = StepEngine(
      state.model.network, configuration.batchShape, loss: configuration.loss,
      gradientLimit: configuration.gradientLimit)
    let (firstShare, firstSeconds) = (share(of: state), state.seconds)
    let ahead = BatchAhead(end: endOfPreparing, make: batches.batch)
    defer { ahead.stop() }
    var recent = RecentSteps()
    while share(of: state) < 1 {
      let begun = Date()
      let rate = configuration.learningRate.rate(step: state.step, progress: share(of: state))
      let batch = try ahead.batch(step: state.step)
      recent.add(try engine.step(&state, batch, learningRate: rate))
      state.seconds += Date().timeIntervalSince(begun)

      let isLast = share(of: state) >= 1
      let validates = isLast || state.step % configuration.validationInterval == 0
      let summary = validates ? try validator.evaluate(state.model) : nil
      if isLast || summary != nil || state.step % configuration.logInterval == 0 {
        let line = recent.line(
          state, weights: configuration.loss, rate: rate, validation: summary?.mean)
        try log.append(line)
        report(.line(line))
        // At the pace of this session: another machine may have made the steps before.
        let done = max(share(of: state) - firstShare, 1e-9)
        let left = (state.seconds - firstSeconds) * (1 - share(of: state)) / done
        report(.progress(share: share(of: state), secondsLeft: left))
        recent = RecentSteps()
      }
      if let summary { try keepBest(&state, summary, report) }
      if isLast || state.step % configuration.checkpointInterval == 0 { try save(state) }
    }
    if state.bestScore == nil { try write(state, to: folder.best) }
    return state
  }

  private func start(resume: Bool) throws -> TrainingState {
    let state: TrainingState
    if resume {
      guard folder.hasCheckpoint else { throw TrainingError.nothingToResume(folder.url) }
      state = try Checkpoint.read(
        folder.checkpoint, configuration: configuration, patients: patients)
    } else {
      if let file = folder.existing { throw TrainingError.runExists(file) }
      state = TrainingState(configuration)
    }
    // Also on resuming: the length may be another one.
    try AtomicFile.write(
      Data(configuration.yaml().utf8), to: folder.configuration, overwrite: true,
      createFolders: true)
    return state
  }

  /// The end of the steps whose batches are prepared ahead. Where the clock ends the run, one batch is
  /// made in vain.
  private var endOfPreparing: Int {
    guard preparesAhead else { return 0 }
    return configuration.minutes > 0 ? .max : configuration.steps
  }

  private func share(of state: TrainingState) -> Double {
    configuration.minutes > 0
      ? min(1, state.seconds / (60 * configuration.minutes))
      : min(1, Double(state.step) / Double(configuration.steps))
  }

  private func keepBest(
    _ state: inout TrainingState, _ summary: EvaluationSummary, _ report: (Event) -> Void
  ) throws {
    let score = Validator.score(summary)
    guard score > state.bestScore ?? -.infinity else { return }
    state.bestScore = score
    try write(state, to: folder.best)
    report(.best(score: score))
  }

  private func save(_ state: TrainingState) throws {
    guard GradientClipping.norm(of: state.model.parameters.storage.slice).isFinite else {
      throw TrainingError.diverged(step: state.step)
    }
    try Checkpoint.write(
      state, configuration: configuration, patients: patients, to: folder.checkpoint)
    try write(state, to: folder.last)
  }

  private func write(_ state: TrainingState, to url: URL) throws {
    var model = state.model
    model.description.training["steps"] = "\(state.step)"
    model.description.training["patients seen"] = "\(state.samples)"
    model.description.training["minutes"] = String(format: "%.1f", state.seconds / 60)
    let real = batches.cases.cards.filter(\.isReal).map(\.id).sorted()
    model.description.training["cases"] =
      (real + ["\(batches.cases.count - real.count) phantoms"]).joined(separator: ", ")
    try ModelFile.write(model, to: url, overwrite: true)
  }
}
