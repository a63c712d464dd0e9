import Foundation
import SpiderIO
import Yams

extension BaselineConfiguration {
  /// The configuration as YAML, as `config.yaml` holds it.
  public func yaml() throws -> String {
    "# A training run of \(model.architecture.name). Sizes in mm, angles in degrees, shares of one.\n"
      + (try YAMLEncoder().encode(self))
  }

  /// Reads a configuration file. Keys that are not there keep the value of the network's published
  /// settings; keys that mean nothing are refused, since they are most likely misspelt.
  ///
  /// - Throws: ``SpiderIO/FileError`` naming file, key and fault.
  public static func read(
    _ url: URL, defaults preset: BaselinePreset
  ) throws -> BaselineConfiguration {
    try ConfigurationFile.read(
      url, defaults: preset.configuration, wholeKeys: ["model.training"]
    ) { $0.fault }
  }
}
