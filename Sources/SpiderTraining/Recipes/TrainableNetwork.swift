import Foundation
import SpiderDataSet
import SpiderIO
import Yams

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
