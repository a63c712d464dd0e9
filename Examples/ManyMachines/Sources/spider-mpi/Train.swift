import ArgumentParser
import Foundation
import SpiderCore
import SpiderDataSet
import SpiderTraining

struct Train: ParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Train SPIDER on a data set, each step shared among all processes.",
    discussion: """
      The run is that of spider train with the same configuration, up to rounding, and either goes on \
      with what the other has left. patientsPerStep is that of all processes together. All must see data \
      set and run under the same paths; the first one writes. SIGUSR1 (to mpirun, which passes it on) \
      stops the run after its step, with a checkpoint; --resume goes on.
      """)

  @Option(help: "The data set's folder, as spider prepare writes it.") var data: String
  @Option(help: ArgumentHelp("Folder of the run.", valueName: "run")) var out: String
  @Option(
    help: ArgumentHelp(
      "A YAML file or the name of a preset (default: standard).", valueName: "file|preset"))
  var config: String?
  @Option(help: "Length of the run in minutes of training.") var minutes: Double?
  @Option(help: "Length of the run in steps.") var steps: Int?
  @Flag(help: "Go on with the run in the folder, whoever began it.") var resume = false
  @Option(
    help: ArgumentHelp("A trained model whose weights the run starts from.", valueName: "model"))
  var startFrom: String?
  @Option(help: "Seed of all randomness.") var seed: UInt64?
  @Option(
    help: ArgumentHelp(
      "Worker threads of each process (default: the processors that it is bound to).",
      valueName: "n"))
  var threads: Int?
  @Flag(help: "Print one machine-readable object on standard output at the end.") var json = false

  func validate() throws {
    if let minutes, !(minutes > 0 && minutes.isFinite) {
      throw ValidationError("--minutes must be positive")
    }
    if let steps, steps < 1 { throw ValidationError("--steps must be at least 1") }
    if minutes != nil && steps != nil {
      throw ValidationError("give --minutes or --steps, not both")
    }
    if resume && (config != nil || startFrom != nil) {
      throw ValidationError(
        "--resume goes on from the run's own checkpoint and config.yaml; leave --config and "
          + "--start-from away")
    }
    if let threads, !(1...1024).contains(threads) {
      throw ValidationError("--threads is \(threads); it must be 1 to 1024")
    }
  }

  /// Trains as one of the processes.
  ///
  /// - Returns: the exit status.
  func run(with world: MPICommunicator) throws -> Int32 {
    try Parallel.withWorkerCount(threads ?? Parallel.workerCount) {
      try train(with: world)
    }
  }

  private func train(with world: MPICommunicator) throws -> Int32 {
    let (dataSet, _) = try DataSet(open: URL(fileURLWithPath: data, isDirectory: true))
      .checked([.train, .val], skippingDamaged: false)
    var options = TrainingSession.Options()
    options.network = .spider
    options.configuration = config
    (options.minutes, options.steps, options.seed) = (minutes, steps, seed)
    options.resumes = resume
    options.startingModel = startFrom.map { URL(fileURLWithPath: $0) }
    options.communicator = world
    // Those of one machine share its memory.
    let neighbours = max(1, Self.processesHere ?? 1)
    options.memoryLimit /= neighbours
    options.stepMemoryLimit /= neighbours
    let folder = RunFolder(URL(fileURLWithPath: out, isDirectory: true))
    let session = try TrainingSession(options, dataSet: dataSet, folder: folder)
    let isFirst = world.rank == 0
    if isFirst {
      say(
        "\(world.size) processes share \(session.configuration.patientsPerStep) patients a step, "
          + "\(Parallel.workerCount) threads each")
    }
    let signals = StopSignals()
    let outcome = try session.run(control: signals.control) { event in
      switch event {
      case .line(let line):
        let validation = line.validation?[.psnr]?.value
        say(
          String(format: "step %d: loss %.4f", line.step, line.totalLoss)
            + (validation.map { String(format: ", validation PSNR %.2f dB", $0) } ?? ""))
      case .note(let text): say(text)
      case .best(let score): say(String(format: "best so far (score %.3f)", score))
      case .progress: break
      }
    }
    if isFirst { try tell(outcome.state, folder, world) }
    guard outcome.isStopped else { return EXIT_SUCCESS }
    if isFirst { say("stopped with a checkpoint; --resume goes on with the run") }
    return 128 + (signals.first ?? SIGUSR1)
  }

  /// Processes of the job on this machine, where the launcher says so.
  private static var processesHere: Int? {
    let environment = ProcessInfo.processInfo.environment
    return ["OMPI_COMM_WORLD_LOCAL_SIZE", "MPI_LOCALNRANKS"].lazy
      .compactMap { environment[$0].flatMap { Int($0) } }.first
  }

  private func tell(_ state: any RunState, _ folder: RunFolder, _ world: MPICommunicator) throws {
    let costs = world.costs
    say(
      String(
        format:
          "%.1f s of training: \(state.stepsInWords); the gradient's %.1f MB are added up in %.2f ms; "
          + "%.1f s were spent waiting for one another", state.seconds,
        Double(costs.largest) / 1e6, 1000 * costs.summing / Double(max(1, costs.sums)),
        costs.waiting))
    guard json else { return }
    let report = Report(
      best: folder.best.path, last: folder.last.path, processes: world.size, steps: state.step,
      skipped: state.spikes.skipped, seconds: state.seconds, gradientBytes: costs.largest,
      sums: costs.sums,
      secondsSumming: costs.summing, secondsWaiting: costs.waiting)
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
    try FileHandle.standardOutput.write(contentsOf: encoder.encode(report) + Data("\n".utf8))
  }

  /// What `--json` prints.
  private struct Report: Encodable {
    let best: String
    let last: String
    let processes: Int
    let steps: Int
    let skipped: Int
    let seconds: Double
    let gradientBytes: Int
    let sums: Int
    let secondsSumming: Double
    let secondsWaiting: Double

    enum CodingKeys: String, CodingKey {
      case best, last, processes, steps, skipped, seconds, sums
      case gradientBytes = "gradient_bytes"
      case secondsSumming = "seconds_summing"
      case secondsWaiting = "seconds_waiting"
    }
  }
}
