import ArgumentParser
import Foundation
import SpiderBaselines
import SpiderCore
import SpiderDataSet
import SpiderIO
import SpiderTraining

struct Train: ParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Train a network on a data set.",
    discussion: """
      Writes RUN/best.safetensors, last.safetensors, checkpoint/, log.jsonl and config.yaml. A run that \
      was stopped, however, goes on with --resume.
      Presets of spider: \(presets(Preset.allCases.map { ($0.rawValue, $0.summary) })).
      Presets of published networks: \
      \(presets(BaselinePreset.allCases.map { ($0.rawValue, $0.summary) })).
      Examples: spider train --data data --out run --minutes 40
                spider train --model x2ct-gan --config x2ct-gan-small --data data --out run
      """)

  @Option(
    help: "Which network: spider, x2ct-gan or perx2ct (default: the configuration's, else spider).")
  var model: NetworkKind?
  @Option(help: "The data set's folder, as spider prepare writes it.") var data: String
  @Option(help: ArgumentHelp("Folder of the run.", valueName: "run")) var out: String
  @Option(
    help: ArgumentHelp(
      "A YAML file or the name of a preset (default: standard, or the published widths).",
      valueName: "file|preset"))
  var config: String?
  @Option(help: "Length of the run in minutes of training.") var minutes: Double?
  @Option(help: "Length of the run in steps.") var steps: Int?
  @Flag(help: "Go on with the run in the folder.") var resume = false
  @Option(
    help: ArgumentHelp(
      "A trained model of spider whose weights the run starts from, to teach it your own patients.",
      valueName: "model"))
  var startFrom: String?
  @Option(help: "Seed of all randomness.") var seed: UInt64?
  @Flag(help: "Leave damaged cases out instead of refusing the data set.") var skipDamaged = false
  @Option(
    help: ArgumentHelp(
      "Memory in which patients are kept once read, like 8G (default: a quarter of the machine's).",
      valueName: "size"))
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
    let folder = RunFolder(URL(fileURLWithPath: out, isDirectory: true))
    let (dataSet, warnings) = try DataSet(open: URL(fileURLWithPath: data, isDirectory: true))
      .sound([.train, .val], skippingDamaged: skipDamaged)
    for warning in warnings { Console.say(warning) }
    let memory = maxMemory?.bytes ?? CaseLibrary.defaultMemoryLimit
    let display = TrainingDisplay(folder: folder, resumes: resume)
    let kind = try networkKind(folder)
    if kind == .spider {
      let configuration = try spiderConfiguration(folder, dataSet)
      let patients = try TrainingPatients(dataSet, memoryLimit: memory)
      let trained = try startFrom.map { try ModelFile.read(URL(fileURLWithPath: $0)) }
      try display(
        SpiderRecipe(configuration, training: patients.training, from: trained),
        validation: patients.validation)
    } else {
      guard startFrom == nil else {
        throw ValidationError("--start-from is for models of spider")
      }
      let configuration = try baselineConfiguration(kind, folder, dataSet)
      let patients = try TrainingPatients(dataSet, memoryLimit: memory)
      switch configuration.model.architecture {
      case .x2ctGAN:
        try display(
          X2CTRecipe(configuration, training: patients.training), validation: patients.validation)
      case .perX2CT:
        try display(
          PerX2CTRecipe(configuration, training: patients.training),
          validation: patients.validation)
      }
    }
    if common.json {
      try Console.printJSON(["best": folder.best.path, "last": folder.last.path])
    }
  }

  /// The network: that of the run, of the preset or of the file. One that was named must be the same.
  private func networkKind(_ folder: RunFolder) throws -> NetworkKind {
    var found: NetworkKind?
    if resume {
      if folder.hasCheckpoint { found = NetworkKind(configuration: folder.configuration) }
    } else if let config {
      found =
        Preset(rawValue: config) != nil
        ? .spider
        : BaselinePreset(rawValue: config)?.kind
          ?? NetworkKind.stated(by: URL(fileURLWithPath: config))
    }
    guard let model else { return found ?? .spider }
    if let found, found != model {
      throw TrainingError.badConfiguration(
        "it is one of '\(found.rawValue)', --model says '\(model.rawValue)'")
    }
    return model
  }

  /// A preset takes views and variation from the data set; a file says them itself.
  private func spiderConfiguration(
    _ folder: RunFolder, _ dataSet: DataSet
  ) throws -> TrainingConfiguration {
    let name = config ?? Preset.standard.rawValue
    var configuration: TrainingConfiguration
    if resume && folder.hasCheckpoint {
      configuration = try .read(folder.configuration)
    } else if let preset = Preset(rawValue: name) {
      configuration = preset.configuration.adopting(dataSet.index)
    } else {
      configuration = try .read(file(name, presets: Preset.allCases.map(\.rawValue)))
    }
    if let seed { configuration.seed = seed }
    if let minutes { configuration.minutes = minutes }
    if let steps { (configuration.steps, configuration.minutes) = (steps, 0) }
    if let contradiction = configuration.contradiction(with: dataSet.index) {
      throw TrainingError.badConfiguration(contradiction)
    }
    return configuration
  }

  /// The same for a published network.
  private func baselineConfiguration(
    _ kind: NetworkKind, _ folder: RunFolder, _ dataSet: DataSet
  ) throws -> BaselineConfiguration {
    let published: BaselinePreset = kind == .x2ctGAN ? .x2ctGAN : .perX2CT
    let name = config ?? published.rawValue
    let presets = BaselinePreset.allCases.filter { $0.kind == kind }
    var configuration: BaselineConfiguration
    if resume && folder.hasCheckpoint {
      configuration = try .read(folder.configuration, defaults: published)
    } else if let preset = presets.first(where: { $0.rawValue == name }) {
      configuration = preset.configuration.adopting(dataSet.index)
    } else {
      configuration = try .read(
        file(name, presets: presets.map(\.rawValue)), defaults: published)
    }
    if let seed { configuration.seed = seed }
    if let minutes { configuration.minutes = minutes }
    if let steps { (configuration.steps, configuration.minutes) = (steps, 0) }
    if let contradiction = configuration.contradiction(with: dataSet.index) {
      throw TrainingError.badConfiguration(contradiction)
    }
    return configuration
  }

  private func file(_ name: String, presets: [String]) throws -> URL {
    guard FileManager.default.fileExists(atPath: name) else {
      throw CommandFailure(
        "\(name): there is no such file and no such preset of this network; presets: "
          + presets.joined(separator: ", "))
    }
    return URL(fileURLWithPath: name)
  }

  private static func presets(_ all: [(name: String, summary: String)]) -> String {
    all.map { "\($0.name) (\($0.summary))" }.joined(separator: "; ")
  }
}

extension NetworkKind: ExpressibleByArgument {}
