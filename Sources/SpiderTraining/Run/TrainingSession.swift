import Foundation
import SpiderDataSet
import SpiderEvaluation
import Synchronization

/// A training run of any network, from what is asked for to the last step: what `spider train` does.
///
/// The network and its configuration are found by name, file or the run's own `config.yaml`; from there
/// on there is one path for all networks.
public struct TrainingSession: Sendable {
  /// The wishes of whoever starts a run.
  public struct Options: Sendable {
    /// The network; nil: the configuration's, else SPIDER.
    public var network: TrainableNetwork?
    /// A preset's name or a file's path; nil: the network's default preset. Not for a run that is
    /// resumed, which has its own.
    public var configuration: String?
    /// Minutes of training, in place of the configuration's.
    public var minutes: Double?
    /// Steps, in place of the configuration's.
    public var steps: Int?
    /// The seed, in place of the configuration's.
    public var seed: UInt64?
    /// Whether to go on from the folder's checkpoint.
    public var resumes = false
    /// A model file whose weights a new run starts from.
    public var startingModel: URL?
    /// The processes that make each step together, this one among them; nil: this one alone. All must see
    /// the data set, and the folder of a run that is resumed, under the same paths.
    public var communicator: (any Communicator)?
    /// Bytes in which patients are kept once read.
    public var memoryLimit = CaseLibrary.defaultMemoryLimit
    /// Bytes that network and steps may take beside the patients; by default 80 % of the machine's.
    public var stepMemoryLimit = Int(0.8 * Double(ProcessInfo.processInfo.physicalMemory))

    /// The default preset of SPIDER.
    public init() {}
  }

  /// The configuration of the run.
  public let configuration: any RunConfiguration
  /// The files of the run.
  public let folder: RunFolder
  /// The patients that choose the best weights.
  public let validation: CaseLibrary
  private let recipe: any TrainingRecipe
  private let resumes: Bool

  /// Plans a run on the splits `train` and `val` of a data set. Nothing is written yet.
  ///
  /// - Throws: ``TrainingError``, ``/SpiderDataSet/DataSetError``, or ``/SpiderIO/FileError`` about the
  ///   configuration's file or that of weights.
  public init(_ options: Options, dataSet: DataSet, folder: RunFolder) throws {
    if options.resumes, !folder.hasRun { throw TrainingError.nothingToResume(folder.url) }
    let configuration = try Self.configuration(options, for: dataSet.index, folder)
    let memory =
      options.communicator.map {
        var own = configuration
        own.patientsPerStep = $0.slots(of: configuration.patientsPerStep).count
        return own.memory
      } ?? configuration.memory
    guard memory.total <= options.stepMemoryLimit else {
      throw TrainingError.tooLarge(
        needed: memory.total, limit: options.stepMemoryLimit, what: memory.largest)
    }
    let training = CaseLibrary(dataSet, .train, memoryLimit: options.memoryLimit)
    guard !training.isEmpty else {
      throw DataSetError.noCases(
        split: DataSetIndex.Split.train.rawValue, dataSet: dataSet.url.path)
    }
    self.configuration = configuration
    self.folder = folder
    resumes = options.resumes
    validation = CaseLibrary(dataSet, .val, memoryLimit: options.memoryLimit)
    let recipe: any TrainingRecipe = try configuration.recipe(
      training: training, startingFrom: options.startingModel)
    self.recipe = try options.communicator.map { try recipe.shared($0) } ?? recipe
  }

  /// Runs to the end, or until it is stopped; see ``TrainingRun/run(resume:control:report:)``.
  public func run(
    control: TrainingControl? = nil, report: @escaping @Sendable (TrainingEvent) -> Void = { _ in }
  ) throws -> TrainingOutcome<any RunState> {
    func run<Recipe: TrainingRecipe>(_ recipe: Recipe) throws -> TrainingOutcome<any RunState> {
      let outcome = try TrainingRun(recipe, validation: validation, folder: folder)
        .run(resume: resumes, control: control, report: report)
      return outcome.isStopped ? .stopped(outcome.state) : .finished(outcome.state)
    }
    return try run(recipe)
  }

  /// The configuration that is asked for: that of the checkpoint's run, of a preset or of a file. A
  /// network that is named must be the same.
  private static func configuration(
    _ options: Options, for index: DataSetIndex, _ folder: RunFolder
  ) throws -> any RunConfiguration {
    let resumes =
      options.resumes && FileManager.default.fileExists(atPath: folder.configuration.path)
    let found =
      resumes
      ? TrainableNetwork.stated(by: folder.configuration)
      : options.configuration.flatMap(TrainableNetwork.of)
    if let asked = options.network, let found, asked != found {
      throw TrainingError.otherNetwork(found: found.name, asked: asked.name)
    }
    let network = options.network ?? found ?? .spider
    var configuration =
      resumes
      ? try network.readRecord(folder.configuration)
      : try network.configuration(options.configuration, for: index)
    if resumes, let seed = options.seed, seed != configuration.seed {
      throw TrainingError.otherWish(
        folder.configuration, what: "seed", stated: "\(configuration.seed)", asked: "\(seed)")
    }
    if let seed = options.seed { configuration.seed = seed }
    if let minutes = options.minutes { configuration.minutes = minutes }
    if let steps = options.steps { (configuration.steps, configuration.minutes) = (steps, 0) }
    if let contradiction = configuration.contradiction(with: index) {
      throw TrainingError.badConfiguration(contradiction)
    }
    return configuration
  }
}

/// A handle by which a training run is asked to stop, from any thread.
///
/// The run ends after the step it is in, with a checkpoint written. A run inside a task that is cancelled
/// ends in the same way without a handle.
public final class TrainingControl: Sendable {
  private let stopped = Atomic(false)

  /// A handle that asks for nothing yet.
  public init() {}

  /// Asks the run to stop.
  public func stop() { stopped.store(true, ordering: .relaxed) }

  /// Whether the run was asked to stop.
  public var isStopped: Bool { stopped.load(ordering: .relaxed) }
}

/// The end of a training run that did not fail, with the state it ended in.
public enum TrainingOutcome<State> {
  /// All of its steps are made.
  case finished(State)
  /// It was asked to stop; its checkpoint is that of the last step, and resuming it gives the bits of an
  /// uninterrupted run.
  case stopped(State)

  /// The state after the last step that was made.
  public var state: State {
    switch self {
    case .finished(let state), .stopped(let state): state
    }
  }

  /// Whether it was asked to stop before its last step.
  public var isStopped: Bool {
    if case .stopped = self { true } else { false }
  }
}

extension TrainingOutcome: Sendable where State: Sendable {}

/// An event of a training run, told as it goes on.
public enum TrainingEvent: Sendable {
  /// A line of the log was written.
  case line(any LoggedSteps)
  /// The share of the run that is done, 0 to 1, and how many seconds are left.
  case progress(share: Double, secondsLeft: Double)
  /// A word on how the run starts, for whoever resumes it, or on a step that was skipped.
  case note(String)
  /// A new best model was saved, with its validation score.
  case best(score: Double)
}
