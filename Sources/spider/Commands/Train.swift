import ArgumentParser
import Dispatch
import Foundation
import SpiderDataSet
import SpiderTraining
import Synchronization

struct Train: ParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Train a network on a data set.",
    discussion: """
      Writes RUN/best.safetensors, last.safetensors, checkpoint/, log.jsonl and config.yaml. A run that \
      was stopped, however, goes on with --resume. SIGINT and SIGTERM stop it after the step it is in, \
      with a checkpoint, and exit status 130 or 143. One process at a time trains in a folder.
      \(presets)
      Examples: spider train --data data --out run --minutes 40
                spider train --model x2ct-gan --config x2ct-gan-small --data data --out run
      """)

  @Option(
    help: "Which network: spider, x2ct-gan or perx2ct (default: the configuration's, else spider).")
  var model: TrainableNetwork?
  @Option(help: "The data set's folder, as spider prepare writes it.") var data: String
  @Option(help: ArgumentHelp("Folder of the run.", valueName: "run")) var out: String
  @Option(
    help: ArgumentHelp(
      "A YAML file or the name of a preset (default: standard, or the published widths).",
      valueName: "file|preset"))
  var config: String?
  @Option(help: "Length of the run in minutes of training.", transform: RealNumber.read)
  var minutes: Double?
  @Option(help: "Length of the run in steps.", transform: WholeNumber.read) var steps: Int?
  @Flag(help: "Go on with the run in the folder.") var resume = false
  @Option(
    help: ArgumentHelp(
      "A trained model of spider whose weights the run starts from, to teach it your own patients.",
      valueName: "model"))
  var startFrom: String?
  @Option(help: "Seed of all randomness.", transform: SeedArgument.read)
  var seed: UInt64?
  @Flag(help: "Leave damaged cases out instead of refusing the data set.") var skipDamaged = false
  @Option(
    help: ArgumentHelp(
      "Memory in which patients are kept once read, like 8G (default: a quarter of the machine's). "
        + "A configuration whose network and steps need more than this is refused (default there: 80 % "
        + "of the machine's).",
      valueName: "size"), transform: MemorySize.read)
  var maxMemory: MemorySize?
  @OptionGroup var common: CommonOptions

  func validate() throws {
    if let minutes, !(minutes > 0 && minutes.isFinite) {
      throw ValidationError("--minutes must be positive")
    }
    if let steps, steps < 1 { throw ValidationError("--steps must be at least 1") }
    if minutes != nil && steps != nil {
      throw ValidationError("give --minutes or --steps, not both")
    }
    if resume && startFrom != nil {
      throw ValidationError(
        "--resume goes on from the run's own checkpoint; leave --start-from away")
    }
    if resume && config != nil {
      throw ValidationError("--resume goes on under the run's own config.yaml; leave --config away")
    }
  }

  func run() throws {
    common.apply()
    let (dataSet, warnings) = try DataSet(open: URL(fileURLWithPath: data, isDirectory: true))
      .sound([.train, .val], skippingDamaged: skipDamaged)
    for warning in warnings { Console.say(warning) }
    let folder = RunFolder(URL(fileURLWithPath: out, isDirectory: true))
    let session = try TrainingSession(options(), dataSet: dataSet, folder: folder)
    let signals = TrainingSignals()
    let outcome = try TrainingDisplay()(session, control: signals.control)
    if outcome.isStopped, let signal = signals.signal {
      Console.say("stopped; --resume goes on with the run")
      throw ExitCode(TrainingSignals.status(of: signal))
    }
    if common.json {
      let state = outcome.state
      try Console.printJSON(
        Record(
          best: folder.best.path, last: folder.last.path, steps: state.step,
          skipped: state.spikes.skipped, seconds: state.seconds))
    }
  }

  /// What `--json` prints.
  private struct Record: Encodable {
    let best: String
    let last: String
    let steps: Int
    /// Steps whose loss or gradient was far beyond the usual, and which changed nothing.
    let skipped: Int
    let seconds: Double
  }

  private func options() throws -> TrainingSession.Options {
    var options = TrainingSession.Options()
    options.network = model
    options.configuration = config
    options.minutes = minutes
    options.steps = steps
    options.seed = seed
    options.resumes = resume
    options.startingModel = try startFrom.map(ModelArgument.url)
    if let maxMemory {
      options.memoryLimit = maxMemory.bytes
      options.stepMemoryLimit = maxMemory.bytes
    }
    return options
  }

  /// The presets of every network, a line each.
  private static var presets: String {
    TrainableNetwork.all.map { network in
      let presets = network.presets.map { "\($0.rawValue) (\($0.summary))" }
      return "Presets of \(network.name): \(presets.joined(separator: "; "))."
    }.joined(separator: "\n")
  }
}

extension TrainableNetwork: ExpressibleByArgument {
  /// The network of a name on the command line.
  public init?(argument: String) { self.init(named: argument) }

  /// The names of all networks.
  public static var allValueStrings: [String] { all.map(\.name) }
}

/// The words and the progress bar of a training run.
struct TrainingDisplay {
  /// Runs a session to its end and tells how it goes on.
  ///
  /// - Returns: the state at its end, and whether it was stopped before.
  func callAsFunction(
    _ session: TrainingSession, control: TrainingControl
  ) throws -> TrainingOutcome<any RunState> {
    if session.validation.isEmpty {
      Console.say("no case in the split 'val': the last weights are the best")
    }
    let progress = ProgressDisplay("train")
    let outcome = try session.run(control: control) { event in
      switch event {
      case .line(let line):
        if let psnr = line.validation?[.psnr]?.value {
          Console.say(
            String(
              format: "step %d: loss %.4f, validation PSNR %.2f dB", line.step, line.totalLoss,
              psnr))
        }
      case .progress(let share, let left): progress.update(share, secondsLeft: left)
      case .note(let text): Console.say(text)
      case .best(let score): Console.say(String(format: "best so far (score %.3f)", score))
      }
    }
    Console.say(
      "\(ProgressDisplay.duration(outcome.state.seconds)) of training: \(outcome.state.stepsInWords)"
    )
    return outcome
  }
}

/// Stops a training run when the user or the system asks the process to end: the step it is in is
/// finished, and a checkpoint written. Asked twice, the process ends at once.
final class TrainingSignals {
  /// The handle to run with.
  let control = TrainingControl()
  private let caught = Caught()
  private var sources: [any DispatchSourceSignal] = []

  /// The first signal that came.
  private final class Caught: Sendable {
    let number = Atomic<Int32>(0)
  }

  /// The signal that has come; nil: none.
  var signal: Int32? {
    let number = caught.number.load(ordering: .acquiring)
    return number == 0 ? nil : number
  }

  /// The exit status of a process that a signal has ended, as shells have it.
  static func status(of signal: Int32) -> Int32 { 128 + signal }

  /// Watches from now on.
  init() {
    let queue = DispatchQueue(label: "spider.signals")
    for number in [SIGINT, SIGTERM] {
      // The source is told of it only when nobody else acts on it.
      _ = Foundation.signal(number, SIG_IGN)
      let source = DispatchSource.makeSignalSource(signal: number, queue: queue)
      source.setEventHandler { [control, caught] in
        let (isFirst, _) = caught.number.compareExchange(
          expected: 0, desired: number, ordering: .acquiringAndReleasing)
        guard isFirst else { _exit(Self.status(of: number)) }
        Console.say(
          "asked to stop: the step is finished and a checkpoint written (again: ends at once)")
        control.stop()
      }
      source.resume()
      sources.append(source)
    }
  }
}
