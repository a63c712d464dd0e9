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
    // So that the key is known; without a file of weights it means nothing.
    var defaults = preset.configuration
    defaults.perceptual = PerceptualSettings()
    func cleared(_ configuration: BaselineConfiguration) -> BaselineConfiguration {
      var result = configuration
      if result.perceptual?.weights.isEmpty == true { result.perceptual = nil }
      return result
    }
    return cleared(
      try ConfigurationFile.read(url, defaults: defaults, wholeKeys: ["model.training"]) {
        cleared($0).fault
      })
  }
}
