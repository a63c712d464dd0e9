import Foundation
import SpiderCore
import SpiderDataSet
import SpiderIO
import Yams

extension TrainingConfiguration {
  /// The configuration as YAML, as `config.yaml` holds it.
  public func yaml() throws -> String {
    "# A training run of Spider. Sizes in mm, angles in degrees, shares of one.\n"
      + (try YAMLEncoder().encode(self))
  }

  /// Reads a configuration file. Keys that are not there keep the value of the default preset; keys
  /// that mean nothing are refused, since they are most likely misspelt.
  ///
  /// - Throws: ``SpiderIO/FileError`` naming file, key and fault.
  public static func read(_ url: URL) throws -> TrainingConfiguration {
    try ConfigurationFile.read(
      url, defaults: TrainingConfiguration(),
      wholeKeys: ["model.architecture.code", "model.training"]
    ) { $0.fault }
  }

  /// A text that two configurations share exactly when they train the same way. How long a run is, how
  /// often it reports and how fast it learns may change when it is resumed.
  func fingerprint() throws -> String {
    var essence = self
    essence.steps = 0
    essence.minutes = 0
    essence.learningRate = LearningRateSchedule()
    essence.gradientLimit = 0
    essence.logInterval = 0
    essence.checkpointInterval = 0
    essence.validationInterval = 0
    return try Checksum.of(encoding: essence)
  }
}
