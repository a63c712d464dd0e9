import ArgumentParser
import Foundation
import SpiderCore
import SpiderIO
import SpiderTraining

struct Train: ParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Train a network on a data set.",
    discussion: """
      Writes RUN/best.safetensors, last.safetensors, checkpoint/, log.jsonl and config.yaml. A run that \
      was stopped, however, goes on with --resume.
      Presets: \(Preset.allCases.map { "\($0.rawValue) (\($0.summary))" }.joined(separator: "; ")).
      Example: spider train --data data --out run --minutes 40
      """)

  @Option(help: "Which network: spider. (x2ct-gan and perx2ct follow in a later version.)")
  var model = "spider"
  @Option(help: "The data set's folder, as spider prepare writes it.") var data: String
  @Option(help: ArgumentHelp("Folder of the run.", valueName: "run")) var out: String
  @Option(
    help: ArgumentHelp(
      "A YAML file or the name of a preset (default: standard).", valueName: "file|preset"))
  var config: String?
  @Option(help: "Length of the run in minutes of training.") var minutes: Double?
  @Option(help: "Length of the run in steps.") var steps: Int?
  @Flag(help: "Go on with the run in the folder.") var resume = false
  @Option(help: "Seed of all randomness.") var seed: UInt64?
  @Flag(help: "Leave damaged cases out instead of refusing the data set.") var skipDamaged = false
  @Option(
    help: ArgumentHelp(
      "Memory in which patients are kept once read, like 8G (default: a quarter of the machine's).",
      valueName: "size"))
  var maxMemory: MemorySize?
  @OptionGroup var common: CommonOptions

  func validate() throws {
    guard model == "spider" else {
      throw ValidationError("--model \(model) is not part of this version; it trains 'spider'")
    }
    if let minutes, !(minutes > 0 && minutes.isFinite) {
      throw ValidationError("--minutes must be positive")
    }
    if let steps, steps < 1 { throw ValidationError("--steps must be at least 1") }
    if minutes != nil && steps != nil {
      throw ValidationError("give --minutes or --steps, not both")
    }
    if resume && config != nil {
      throw ValidationError("--resume goes on under the run's own config.yaml; leave --config away")
    }
  }

  func run() throws {
    common.apply()
    let folder = RunFolder(URL(fileURLWithPath: out, isDirectory: true))
    let (dataSet, warnings) = try DataSet(open: URL(fileURLWithPath: data, isDirectory: true))
      .sound([.train, .val], skippingDamaged: skipDamaged)
    for warning in warnings { Console.say(warning) }
    var configuration = try readConfiguration(folder, dataSet)
    if let seed { configuration.seed = seed }
    if let minutes { configuration.minutes = minutes }
    if let steps {
      configuration.steps = steps
      configuration.minutes = 0
    }
    if let contradiction = configuration.contradiction(with: dataSet.index) {
      throw TrainingError.badConfiguration(contradiction)
    }
    let memory = maxMemory?.bytes ?? CaseLibrary.defaultMemoryLimit
    let training = CaseLibrary(dataSet, .train, memoryLimit: memory)
    let validation = CaseLibrary(dataSet, .val, memoryLimit: memory)
    guard !training.isEmpty else {
      throw TrainingError.noCases(split: "train", dataSet: dataSet.url.path)
    }
    let trainer = try Trainer(
      configuration, training: training, validation: validation, folder: folder)
    if validation.isEmpty {
      Console.say("no case in the split 'val': the last weights are the best")
    }
    let progress = ProgressDisplay("train")
    let state = try trainer.run(resume: resume) { event in
      switch event {
      case .line(let line):
        if let psnr = line.validation?[.psnr]?.value {
          Console.say(
            String(
              format: "step %d: loss %.4f, validation PSNR %.2f dB", line.step, line.loss.total,
              psnr))
        }
      case .progress(let share, let left): progress.update(share, secondsLeft: left)
      case .best(let score): Console.say(String(format: "best so far (score %.3f)", score))
      }
    }
    Console.say("\(state.step) steps in \(ProgressDisplay.duration(state.seconds))")
    if common.json {
      try Console.printJSON(["best": folder.best.path, "last": folder.last.path])
    }
  }

  /// A preset takes views and variation from the data set; a file says them itself.
  private func readConfiguration(
    _ folder: RunFolder, _ dataSet: DataSet
  ) throws -> TrainingConfiguration {
    if resume && folder.hasCheckpoint { return try .read(folder.configuration) }
    let name = config ?? Preset.standard.rawValue
    if let preset = Preset(rawValue: name) {
      return preset.configuration.adopting(dataSet.index)
    }
    guard FileManager.default.fileExists(atPath: name) else {
      let presets = Preset.allCases.map(\.rawValue).joined(separator: ", ")
      throw CommandFailure("\(name): there is no such file and no such preset; presets: \(presets)")
    }
    return try .read(URL(fileURLWithPath: name))
  }
}
