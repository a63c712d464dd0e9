import Foundation
import SpiderDataSet
import SpiderIO
import Yams

/// The configuration of a training run of any network: what `config.yaml` holds.
///
/// Length, intervals, shares and seed are common to all networks and checked here, once; the rest belongs
/// to the network (``TrainingConfiguration``, ``BaselineConfiguration``).
public protocol RunConfiguration: Codable, Equatable, Sendable {
  /// Patients a step.
  var patientsPerStep: Int { get set }
  /// The variation of patients and X-rays.
  var augmentation: Augmentation { get set }
  /// The optimizer.
  var adam: Adam.Settings { get set }
  /// Steps whose loss or gradient lies farther beyond the usual than this are skipped (``SpikeGuard``); 0: none is.
  var spikeLimit: Double { get set }
  /// The share of real patients in what a step sees, when there are phantoms as well.
  var realShare: Double { get set }
  /// Steps of the run; with `minutes`, only a record.
  var steps: Int { get set }
  /// Minutes of training instead of steps, over all sessions of the run; 0 counts steps.
  var minutes: Double { get set }
  /// Steps between validations.
  var validationInterval: Int { get set }
  /// Voxels along a side of the validation volumes.
  var validationSize: Int { get set }
  /// Steps between checkpoints.
  var checkpointInterval: Int { get set }
  /// Steps between lines of the log.
  var logInterval: Int { get set }
  /// The seed of all randomness.
  var seed: UInt64 { get set }

  /// The reason why a run of this configuration cannot be, or nil.
  var fault: String? { get }
  /// An estimate of the memory that a run takes, beside the patients that are kept.
  var memory: RunMemory { get }
  /// This configuration for a data set: its frame, views and variation.
  func adopting(_ index: DataSetIndex) -> Self
  /// The reason why this configuration cannot be trained on a data set, or nil: both speak of the frame,
  /// and must say the same.
  func contradiction(with index: DataSetIndex) -> String?
  /// The configuration as `config.yaml` holds it.
  func yaml() throws -> String
  /// Sets what the record of a run does not state of its network, among these keys (those within others as `a.b`), as it
  /// was before there was such a setting.
  mutating func complete(stated keys: Set<String>)
  /// The recipe of its network, on patients to learn from.
  ///
  /// - Parameter model: a file with the weights that the run starts from; nil: new ones.
  /// - Throws: ``TrainingError``, or ``/SpiderIO/FileError`` about a file of weights.
  func recipe(training: CaseLibrary, startingFrom model: URL?) throws -> any TrainingRecipe
}

extension RunConfiguration {
  /// Nothing: every setting of the network was there from the beginning.
  public mutating func complete(stated keys: Set<String>) {}

  /// Length and intervals of the run.
  public var plan: RunPlan {
    RunPlan(
      steps: steps, minutes: minutes, validationInterval: validationInterval,
      validationSize: validationSize, checkpointInterval: checkpointInterval,
      logInterval: logInterval)
  }

  /// The reason why the common settings, or further counts with their limits, cannot be, or nil.
  func commonFault(_ further: [(name: String, value: Int, limit: Int)] = []) -> String? {
    let counts: [(name: String, value: Int, limit: Int)] =
      [
        ("patientsPerStep", patientsPerStep, 1024), ("steps", steps, 1 << 30),
        ("validationInterval", validationInterval, 1 << 30),
        ("validationSize", validationSize, 512),
        ("checkpointInterval", checkpointInterval, 1 << 30), ("logInterval", logInterval, 1 << 30),
      ] + further
    for count in counts where !(1...count.limit).contains(count.value) {
      return "\(count.name) is \(count.value); it must be 1 to \(count.limit)"
    }
    guard minutes >= 0, minutes.isFinite else {
      return "minutes is \(minutes); it must be positive, or 0 to count steps"
    }
    guard (0...1).contains(realShare) else {
      return "realShare is \(realShare); it must be 0 to 1"
    }
    guard spikeLimit == 0 || SpikeGuard.limits.contains(spikeLimit) else {
      return "spikeLimit is \(spikeLimit); it must be 3 to 1000000, or 0 to skip no step"
    }
    return augmentation.fault ?? adam.fault
  }

  /// This configuration with nothing of how long a run is and how often it reports: what may change when
  /// a run is resumed.
  var withoutSchedule: Self {
    var essence = self
    essence.steps = 0
    essence.minutes = 0
    essence.logInterval = 0
    essence.checkpointInterval = 0
    essence.validationInterval = 0
    essence.spikeLimit = 0
    return essence
  }

  /// A checksum of this configuration. Settings that came when there were checkpoints already are left out where they say
  /// that all is as it was before: those checkpoints go on.
  func checksum() throws -> String {
    var essence = self
    essence.spikeLimit = 0
    let makesFilms = augmentation.physics.filmShare > 0
    if !makesFilms { essence.augmentation.physics.filmShare = 0 }  // not -0
    let encoder = JSONEncoder()
    encoder.outputFormatting = .sortedKeys
    let text = String(decoding: try encoder.encode(essence), as: UTF8.self)
    var former = text.replacing("\"spikeLimit\":0,", with: "")
      .replacing("\"unlabelled\":\"ignored\",", with: "")
      .replacing("\"compensation\":0,", with: "")
    if !makesFilms {
      former = former.replacing(/"film[A-Za-z]+":(\[[^\]]*\]|0),/, with: "")
    }
    return Checksum.of(Data(former.utf8))
  }
}

/// A configuration that ships with Spider under a name.
public protocol RunPreset: Sendable {
  /// Its kind.
  associatedtype Configuration: RunConfiguration
  /// Its name.
  var rawValue: String { get }
  /// Its purpose in a few words.
  var summary: String { get }
  /// The configuration.
  var configuration: Configuration { get }
}

/// A network that can be trained: its name, its presets and the reader of its configuration files.
///
/// ``all`` is the one list of them. A network that is added there can be trained by `spider train`,
/// which knows no network by itself.
public struct TrainableNetwork: Sendable, Equatable {
  /// Its name on the command line, and the key of its architecture in a configuration file.
  public let name: String
  /// The presets, the default first.
  public let presets: [any RunPreset]
  private let reader: @Sendable (URL) throws(FileError) -> any RunConfiguration

  /// SPIDER.
  public static let spider = TrainableNetwork("spider", Preset.allCases) {
    (file) throws(FileError) in try TrainingConfiguration.read(file)
  }
  /// X2CT-GAN.
  public static let x2ctGAN = TrainableNetwork(
    "x2ct-gan", [BaselinePreset.x2ctGAN, .x2ctGANSmall]
  ) { (file) throws(FileError) in try BaselineConfiguration.read(file, defaults: .x2ctGAN) }
  /// PerX2CT.
  public static let perX2CT = TrainableNetwork(
    "perx2ct", [BaselinePreset.perX2CT, .perX2CTSmall]
  ) { (file) throws(FileError) in try BaselineConfiguration.read(file, defaults: .perX2CT) }

  /// All networks; the first is the default.
  public static let all = [spider, x2ctGAN, perX2CT]

  private init(
    _ name: String, _ presets: [any RunPreset],
    _ reader: @escaping @Sendable (URL) throws(FileError) -> any RunConfiguration
  ) {
    self.name = name
    self.presets = presets
    self.reader = reader
  }

  /// The network of a name; nil when there is none.
  public init?(named name: String) {
    guard let found = Self.all.first(where: { $0.name == name }) else { return nil }
    self = found
  }

  /// The network of a configuration, a preset's name or a file; nil when the file does not tell, as one
  /// of a few settings that are good for any.
  public static func of(_ configuration: String) -> TrainableNetwork? {
    all.first { $0.preset(configuration) != nil }
      ?? stated(by: URL(fileURLWithPath: configuration))
  }

  /// Whether both have one name.
  public static func == (a: TrainableNetwork, b: TrainableNetwork) -> Bool { a.name == b.name }

  /// A preset's configuration for a data set, or that of a file, which says for itself what it is for.
  ///
  /// - Parameter source: a preset's name or a file's path; nil: the default preset.
  /// - Throws: ``TrainingError/noSuchConfiguration(_:network:presets:)``, or ``/SpiderIO/FileError`` when
  ///   the file cannot be used.
  public func configuration(
    _ source: String?, for index: DataSetIndex
  ) throws -> any RunConfiguration {
    let source = source ?? presets[0].rawValue
    if let preset = preset(source) { return preset.configuration.adopting(index) }
    guard FileManager.default.fileExists(atPath: source) else {
      throw TrainingError.noSuchConfiguration(
        source, network: name, presets: presets.map(\.rawValue))
    }
    return try read(URL(fileURLWithPath: source))
  }

  /// Reads a configuration file over the default preset.
  public func read(_ file: URL) throws(FileError) -> any RunConfiguration { try reader(file) }

  /// Reads the record of a run: what it does not state is as it was when there was no such setting.
  package func readRecord(_ file: URL) throws(FileError) -> any RunConfiguration {
    var configuration = try reader(file)
    let node = try? YAMLGate.node(of: file)
    let keys = node.map { Self.keys(of: $0) } ?? []
    // Before there was the setting, pictures were no films.
    if !keys.contains("augmentation.physics.filmShare") {
      configuration.augmentation.physics.filmShare = 0
    }
    configuration.complete(stated: keys)
    return configuration
  }

  /// The keys of a file, those within others behind these and a dot.
  private static func keys(of node: Node, within path: String = "") -> Set<String> {
    var found: Set<String> = []
    for (key, value) in node.mapping ?? [:] {
      guard let name = key.string else { continue }
      found.insert(path + name)
      found.formUnion(keys(of: value, within: path + name + "."))
    }
    return found
  }

  private func preset(_ name: String) -> (any RunPreset)? {
    presets.first { $0.rawValue == name }
  }

  /// The network that a file names by the key of its architecture: SPIDER's has other keys. Nil when it
  /// has none, or is no YAML, which its reader will say better.
  static func stated(by file: URL) -> TrainableNetwork? {
    guard let node = try? YAMLGate.node(of: file),
      let architecture = node["model"]?["architecture"]?.mapping
    else { return nil }
    return all.first { architecture.keys.contains(Node($0.name)) } ?? .spider
  }
}
