import Foundation
import SpiderCore
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
    guard FileManager.default.fileExists(atPath: url.path) else { throw FileError.missing(url) }
    let text: String
    do {
      text = try String(contentsOf: url, encoding: .utf8)
    } catch {
      throw FileError.unreadable(url, reason: error.localizedDescription)
    }
    do {
      let base = try YAMLEncoder().encode(TrainingConfiguration())
      guard let given = try Yams.compose(yaml: text) else { return TrainingConfiguration() }
      guard let defaults = try Yams.compose(yaml: base) else { return TrainingConfiguration() }
      let merged = try merge(given, over: defaults, path: "", url)
      let configuration = try YAMLDecoder().decode(
        TrainingConfiguration.self, from: Yams.serialize(node: merged))
      if let fault = configuration.fault {
        throw FileError.corrupt(url, fault: "it cannot be trained: \(fault)")
      }
      return configuration
    } catch let error as FileError {
      throw error
    } catch let error as DecodingError {
      throw FileError.corrupt(url, fault: "a value is of the wrong kind: \(error)")
    } catch {
      throw FileError.corrupt(url, fault: "it is not YAML: \(error)")
    }
  }

  /// Keys whose values are whole: alternatives of which the given one replaces the default.
  private static let wholeKeys: Set<String> = ["model.architecture.code", "model.training"]

  private static func merge(
    _ given: Node, over defaults: Node, path: String, _ url: URL
  ) throws -> Node {
    guard let new = given.mapping, let old = defaults.mapping,
      !wholeKeys.contains(path)
    else { return given }
    var merged = old
    for (key, value) in new {
      let name = key.string ?? ""
      let here = path.isEmpty ? name : "\(path).\(name)"
      guard let present = old[key] else {
        throw FileError.badValue(url, key: here, fault: "there is no such setting")
      }
      merged[key] = try merge(value, over: present, path: here, url)
    }
    return .mapping(merged)
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
    let encoder = JSONEncoder()
    encoder.outputFormatting = .sortedKeys
    return Checksum.of(try encoder.encode(essence))
  }
}
