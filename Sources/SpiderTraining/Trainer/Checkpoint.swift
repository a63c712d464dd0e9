import Foundation
import SpiderCore
import SpiderIO

/// Saves and restores a training run, whole or not at all: parameters, both moments and counters in one
/// safetensors file that appears by renaming.
public enum Checkpoint {
  private static let format = "spider.checkpoint/1"

  /// Writes the state; the file it replaces stays until the new one is whole.
  public static func write(
    _ state: TrainingState, configuration: TrainingConfiguration, patients: String, to url: URL
  ) throws {
    let folder = url.deletingLastPathComponent()
    do {
      try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    } catch {
      throw FileError.notWritable(folder, reason: error.localizedDescription)
    }
    var metadata = [
      "spider.format": format, "step": "\(state.step)", "adam_step": "\(state.adam.step)",
      "samples": "\(state.samples)", "seconds": "\(state.seconds)",
      "configuration": try configuration.fingerprint(), "patients": patients,
    ]
    metadata["best_score"] = state.bestScore.map { "\($0)" }
    let file = SafetensorsFile(
      metadata: metadata,
      tensors: ParameterTensors.tensors(state.model.parameters, prefix: "parameters.")
        + ParameterTensors.tensors(state.adam.first, prefix: "first.")
        + ParameterTensors.tensors(state.adam.second, prefix: "second."))
    try file.write(to: url, overwrite: true)
  }

  /// Reads the state of a run of the same configuration and the same patients.
  ///
  /// - Throws: ``SpiderIO/FileError`` or ``TrainingError/otherRun(_:what:)``.
  public static func read(
    _ url: URL, configuration: TrainingConfiguration, patients: String
  ) throws -> TrainingState {
    let file = try SafetensorsFile.read(url)
    guard file.metadata["spider.format"] == format else {
      throw FileError.unsupported(
        url, fault: "it is no checkpoint of this version", remedy: "start the run anew")
    }
    guard file.metadata["configuration"] == (try configuration.fingerprint()) else {
      throw TrainingError.otherRun(url, what: "configuration")
    }
    guard file.metadata["patients"] == patients else {
      throw TrainingError.otherRun(url, what: "data set")
    }
    func number<Value: LosslessStringConvertible>(_ key: String) throws -> Value {
      guard let value = file.metadata[key].flatMap(Value.init) else {
        throw FileError.corrupt(url, fault: "its counter '\(key)' is missing or no number")
      }
      return value
    }
    var state = TrainingState(configuration)
    let layout = state.model.network.layout
    for prefix in ["parameters.", "first.", "second."] {
      try ParameterTensors.check(file, layout, prefix: prefix, exactly: false, url)
    }
    state.model.parameters = ParameterTensors.arena(file, layout, prefix: "parameters.")
    state.adam.first = ParameterTensors.arena(file, layout, prefix: "first.")
    state.adam.second = ParameterTensors.arena(file, layout, prefix: "second.")
    state.adam.step = try number("adam_step")
    state.step = try number("step")
    state.samples = try number("samples")
    state.seconds = try number("seconds")
    guard state.adam.step >= 0, state.step >= 0, state.samples >= 0, state.seconds >= 0 else {
      throw FileError.corrupt(url, fault: "a counter is negative")
    }
    state.bestScore = file.metadata["best_score"].flatMap(Double.init)
    return state
  }
}
