import Foundation
import SpiderCore
import SpiderEvaluation
import SpiderIO
import SpiderTensor

/// A training of a network on prepared patients: a run in a folder that survives being stopped at any
/// moment.
///
/// Each step takes a batch, which was prepared while the step before it ran, steps the optimizer and,
/// now and then, reports, validates and saves. All randomness depends on seed and step number alone, so
/// a run that was stopped and resumed gives the same bits as one that was not (same thread count, length
/// counted in steps).
///
/// Where several processes make each step together (``Communicator``), each runs this with its share of
/// the recipe. They agree about time and stopping; the first one reads and writes the files, validates and
/// reports.
public struct TrainingRun<Recipe: TrainingRecipe>: Sendable {
  private let recipe: Recipe
  private let folder: RunFolder
  private let validation: ValidationRun
  /// The patients, by name and content, which a checkpoint must agree with.
  private let patients: String
  /// Whether each batch is prepared while the step before it runs; false, batch and step one after the
  /// other, is the reference of the tests.
  package var preparesAhead = true

  /// Plans a run.
  public init(_ recipe: Recipe, validation: CaseLibrary, folder: RunFolder) {
    self.recipe = recipe
    self.folder = folder
    patients = recipe.cases.fingerprint
    self.validation = ValidationRun(cases: validation, size: recipe.plan.validationSize)
  }

  /// Runs to the end, or until the control or the cancellation of the current task stops it after a step.
  ///
  /// - Throws: ``TrainingError`` or ``/SpiderIO/FileError``; the last checkpoint is kept.
  public func run(
    resume: Bool, control: TrainingControl? = nil,
    report: @escaping @Sendable (TrainingEvent) -> Void = { _ in }
  ) throws -> TrainingOutcome<Recipe.State> {
    // Every step makes tensors of the same sizes as the one before.
    try MemoryPool.reusing { try steps(resume: resume, control, report) }
  }

  /// Runs on a thread of its own; the task that waits for it can be cancelled, which stops the run after
  /// the step it is in.
  public func runInBackground(
    resume: Bool, report: @escaping @Sendable (TrainingEvent) -> Void = { _ in }
  ) async throws -> TrainingOutcome<Recipe.State> {
    let control = TrainingControl()
    return try await withTaskCancellationHandler {
      try await withCheckedThrowingContinuation { continuation in
        let thread = Thread {
          continuation.resume(
            with: Result { try run(resume: resume, control: control, report: report) })
        }
        thread.name = "training"
        thread.stackSize = 8 << 20
        thread.start()
      }
    } onCancel: {
      control.stop()
    }
  }

  private func steps(
    resume: Bool, _ control: TrainingControl?,
    _ report: @escaping @Sendable (TrainingEvent) -> Void
  ) throws -> TrainingOutcome<Recipe.State> {
    let plan = recipe.plan
    let others = recipe.communicator
    let isFirst = others.map { $0.rank == 0 } ?? true
    if resume, !folder.hasRun { throw TrainingError.nothingToResume(folder.url) }
    if isFirst {
      try? FileManager.default.createDirectory(at: folder.url, withIntermediateDirectories: true)
    }
    let lock = try isFirst ? RunLock(folder) : nil
    defer { withExtendedLifetime(lock) {} }
    var (state, isWhole) = try isFirst ? start(resume: resume, report) : (recipe.start(), true)
    others?.synchronize(&state)
    let log = try isFirst ? TrainingLog(folder.log, resumingAfter: resume ? state.step : nil) : nil
    let step = recipe.stepper(for: state)
    let (firstShare, firstSeconds) = (plan.share(of: state), state.seconds)
    let batches = BatchPrefetcher(
      end: preparesAhead ? plan.endOfPreparing : 0, make: recipe.batch)
    defer { batches.stop() }
    var recent = RecentSteps<Recipe.Loss>()
    var skipped = SkippedSteps()
    defer { if let note = skipped.note { report(.note(note)) } }
    while plan.share(of: state) < 1 {
      let begun = Date()
      let rate = recipe.learningRate(step: state.step, progress: plan.share(of: state))
      let batch = try batches.batch(step: state.step)
      let made = try step(&state, batch, rate)
      recent.add(made)
      if isFirst, let spike = made.spike {
        let patients = recipe.patients(of: batch)
        skipped.add(patients)
        report(.note("step \(state.step), \(patients.asPatients), skipped: \(spike.words)"))
      }
      let seconds = Date().timeIntervalSince(begun)
      state.seconds += others?.first([seconds])[0] ?? seconds

      let isLast = plan.share(of: state) >= 1
      let validates = isLast || state.step % plan.validationInterval == 0
      let summary = validates && isFirst ? try validation.evaluate(recipe.method(state)) : nil
      if let log, isLast || summary != nil || state.step % plan.logInterval == 0 {
        let line = recent.line(
          state, weights: recipe.weights(state), rate: rate, validation: summary?.mean)
        try log.append(line)
        report(.line(line))
        // At the pace of this session: another machine may have made the steps before.
        let done = max(plan.share(of: state) - firstShare, 1e-9)
        let left = (state.seconds - firstSeconds) * (1 - plan.share(of: state)) / done
        report(.progress(share: plan.share(of: state), secondsLeft: left))
        recent = RecentSteps()
      }
      if let summary { try keepBest(&state, summary, report) }
      let isAsked = control?.isStopped ?? false || Task.isCancelled
      let stops = !isLast && (others?.isTrueAnywhere(isAsked) ?? isAsked)
      if isLast || stops || state.step % plan.checkpointInterval == 0 {
        others?.synchronize(&state)
        try check(state)
        if isFirst { try save(state, keepsPredecessor: isWhole) }
        isWhole = true
      }
      if stops { return .stopped(state) }
    }
    if isFirst, state.bestScore == nil { try write(state, to: folder.best) }
    return .finished(state)
  }

  /// The state to go on from, and whether the last checkpoint is whole, so that it can be kept as the
  /// predecessor of the next.
  private func start(
    resume: Bool, _ report: (TrainingEvent) -> Void
  ) throws -> (Recipe.State, isWhole: Bool) {
    var state = recipe.start()
    var isWhole = true
    if resume, folder.hasCheckpoint {
      (state, isWhole) = try resumed(state, report)
    } else if resume {
      report(.note("the run has no checkpoint yet: it starts again from its beginning"))
    } else if let file = folder.existing {
      throw TrainingError.runExists(file)
    }
    if !resume { recipe.notes.forEach { report(.note($0)) } }
    // Also on resuming: the length may be another one.
    try AtomicFile.write(
      Data(recipe.configurationText().utf8), to: folder.configuration, overwrite: true,
      createFolders: true)
    return (state, isWhole)
  }

  /// The state of the last checkpoint; where that is damaged, of the one before.
  private func resumed(
    _ start: Recipe.State, _ report: (TrainingEvent) -> Void
  ) throws -> (Recipe.State, isWhole: Bool) {
    func read(_ url: URL) throws -> Recipe.State {
      try Checkpoint.read(
        url, into: start, configuration: recipe.fingerprint(), patients: patients)
    }
    do {
      return (try read(folder.checkpoint), true)
    } catch let fault as FileError {
      guard let state = try? read(folder.previousCheckpoint) else { throw fault }
      report(.note("\(fault); the checkpoint before it is whole: on from step \(state.step)"))
      return (state, false)
    }
  }

  private func keepBest(
    _ state: inout Recipe.State, _ summary: EvaluationSummary, _ report: (TrainingEvent) -> Void
  ) throws {
    let score = recipe.score(summary)
    guard score > state.bestScore ?? -.infinity else { return }
    state.bestScore = score
    try write(state, to: folder.best)
    report(.best(score: score))
  }

  private func check(_ state: Recipe.State) throws {
    for part in Recipe.State.parts {
      let parameters = state[keyPath: part.parameters].storage.slice
      guard GradientClipping.norm(of: parameters).isFinite else {
        let names = parameters.notFinite(state[keyPath: part.parameters].layout)
        throw TrainingError.diverged(
          Divergence(step: state.step, parameter: names.first.map { part.prefix + $0 }))
      }
    }
  }

  private func save(_ state: Recipe.State, keepsPredecessor: Bool) throws {
    try Checkpoint.write(
      state, configuration: recipe.fingerprint(), patients: patients, to: folder.checkpoint,
      predecessor: keepsPredecessor ? folder.previousCheckpoint : nil)
    try write(state, to: folder.last)
  }

  private func write(_ state: Recipe.State, to url: URL) throws {
    let real = recipe.cases.cards.filter(\.isReal).map(\.id).sorted()
    let record = [
      "steps": "\(state.step)", "patients seen": "\(state.samples)",
      "minutes": String(format: "%.1f", state.seconds / 60),
      "cases": (real + ["\(recipe.cases.count - real.count) phantoms"]).joined(separator: ", "),
    ]
    try recipe.write(state, record: record, to: url)
  }
}

/// Trains a SPIDER model.
public typealias Trainer = TrainingRun<SpiderRecipe>

extension TrainingRun where Recipe == SpiderRecipe {
  /// Plans a run of SPIDER on patients in memory.
  public init(
    _ configuration: TrainingConfiguration, training: [TrainingCase], validation: [TrainingCase],
    folder: RunFolder
  ) throws(TrainingError) {
    try self.init(
      configuration, training: CaseLibrary(training), validation: CaseLibrary(validation),
      folder: folder)
  }

  /// Plans a run of SPIDER.
  public init(
    _ configuration: TrainingConfiguration, training: CaseLibrary, validation: CaseLibrary,
    folder: RunFolder
  ) throws(TrainingError) {
    self.init(
      try SpiderRecipe(configuration, training: training), validation: validation,
      folder: folder)
  }
}
