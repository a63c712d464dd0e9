import Foundation
import SpiderCore
import SpiderEvaluation
import SpiderIO
import SpiderTensor

/// Trains a network on prepared patients: a run in a folder that survives being stopped at any moment.
///
/// Each step takes a batch, which was prepared while the step before it ran, steps the optimizer and,
/// now and then, reports, validates and saves. All randomness depends on seed and step number alone, so
/// a run that was stopped and resumed gives the same bits as one that was not (same thread count, length
/// counted in steps).
public struct TrainingRun<Method: TrainingRecipe>: Sendable {
  /// A line of the log.
  public typealias Line = LogLine<Method.Loss, Method.Weights>

  /// What a run tells as it goes on.
  public enum Event: Sendable {
    /// A line of the log.
    case line(Line)
    /// How far the run is, 0 to 1, and how many seconds are left.
    case progress(share: Double, secondsLeft: Double)
    /// A new best model was saved, with its validation score.
    case best(score: Double)
  }

  private let method: Method
  private let folder: RunFolder
  private let validator: Validator
  /// What a checkpoint must agree with: the patients, by name and content.
  private let patients: String
  /// Whether each batch is prepared while the step before it runs; false, batch and step one after the
  /// other, is the reference of the tests.
  package var preparesAhead = true

  /// Plans a run.
  public init(_ method: Method, validation: CaseLibrary, folder: RunFolder) {
    self.method = method
    self.folder = folder
    patients = method.cases.fingerprint
    validator = Validator(cases: validation, size: method.plan.validationSize)
  }

  /// Runs to the end and returns the last state.
  ///
  /// - Throws: ``TrainingError`` or ``SpiderIO/FileError``; the last checkpoint is kept.
  public func run(
    resume: Bool, report: @escaping @Sendable (Event) -> Void = { _ in }
  ) throws -> Method.State {
    // Every step makes tensors of the same sizes as the one before.
    try MemoryPool.reusing { try steps(resume: resume, report: report) }
  }

  private func steps(
    resume: Bool, report: @escaping @Sendable (Event) -> Void
  ) throws -> Method.State {
    let plan = method.plan
    var state = try start(resume: resume)
    let log = try TrainingLog(folder.log, resumingAfter: resume ? state.step : nil)
    let step = method.stepper(for: state)
    let (firstShare, firstSeconds) = (plan.share(of: state), state.seconds)
    let ahead = BatchPrefetcher(end: preparesAhead ? plan.endOfPreparing : 0, make: method.batch)
    defer { ahead.stop() }
    var recent = RecentSteps<Method.Loss>()
    while plan.share(of: state) < 1 {
      let begun = Date()
      let rate = method.learningRate(step: state.step, progress: plan.share(of: state))
      let batch = try ahead.batch(step: state.step)
      recent.add(try step(&state, batch, rate))
      state.seconds += Date().timeIntervalSince(begun)

      let isLast = plan.share(of: state) >= 1
      let validates = isLast || state.step % plan.validationInterval == 0
      let summary = validates ? try validator.evaluate(method.method(state)) : nil
      if isLast || summary != nil || state.step % plan.logInterval == 0 {
        let line = recent.line(
          state, weights: method.weights, rate: rate, validation: summary?.mean)
        try log.append(line)
        report(.line(line))
        // At the pace of this session: another machine may have made the steps before.
        let done = max(plan.share(of: state) - firstShare, 1e-9)
        let left = (state.seconds - firstSeconds) * (1 - plan.share(of: state)) / done
        report(.progress(share: plan.share(of: state), secondsLeft: left))
        recent = RecentSteps()
      }
      if let summary { try keepBest(&state, summary, report) }
      if isLast || state.step % plan.checkpointInterval == 0 { try save(state) }
    }
    if state.bestScore == nil { try write(state, to: folder.best) }
    return state
  }

  private func start(resume: Bool) throws -> Method.State {
    var state = method.start()
    if resume {
      guard folder.hasCheckpoint else { throw TrainingError.nothingToResume(folder.url) }
      state = try Checkpoint.read(
        folder.checkpoint, into: state, configuration: method.fingerprint(), patients: patients)
    } else if let file = folder.existing {
      throw TrainingError.runExists(file)
    }
    // Also on resuming: the length may be another one.
    try AtomicFile.write(
      Data(method.configurationText().utf8), to: folder.configuration, overwrite: true,
      createFolders: true)
    return state
  }

  private func keepBest(
    _ state: inout Method.State, _ summary: EvaluationSummary, _ report: (Event) -> Void
  ) throws {
    let score = method.score(summary)
    guard score > state.bestScore ?? -.infinity else { return }
    state.bestScore = score
    try write(state, to: folder.best)
    report(.best(score: score))
  }

  private func save(_ state: Method.State) throws {
    for part in Method.State.parts {
      let parameters = state[keyPath: part.parameters].storage.slice
      guard GradientClipping.norm(of: parameters).isFinite else {
        throw TrainingError.diverged(step: state.step)
      }
    }
    try Checkpoint.write(
      state, configuration: method.fingerprint(), patients: patients, to: folder.checkpoint)
    try write(state, to: folder.last)
  }

  private func write(_ state: Method.State, to url: URL) throws {
    let real = method.cases.cards.filter(\.isReal).map(\.id).sorted()
    let record = [
      "steps": "\(state.step)", "patients seen": "\(state.samples)",
      "minutes": String(format: "%.1f", state.seconds / 60),
      "cases": (real + ["\(method.cases.count - real.count) phantoms"]).joined(separator: ", "),
    ]
    try method.write(state, record: record, to: url)
  }
}
