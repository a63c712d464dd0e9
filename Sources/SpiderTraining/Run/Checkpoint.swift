import Foundation
import SpiderCore
import SpiderIO
import SpiderTensor

/// The checkpoints of training runs, whole or not at all: parameters, both moments and counters in one
/// safetensors file that appears by renaming. Each network of the run has a prefix of its own.
package enum Checkpoint {
  private static let format = "spider.checkpoint/1"

  /// Writes the state; the file it replaces stays until the new one is whole.
  package static func write<State: RunState>(
    _ state: State, configuration: String, patients: String, to url: URL
  ) throws(FileError) {
    let folder = url.deletingLastPathComponent()
    do {
      try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    } catch {
      throw FileError.notWritable(folder, reason: error.localizedDescription)
    }
    var metadata = [
      "spider.format": format, "step": "\(state.step)", "samples": "\(state.samples)",
      "seconds": "\(state.seconds)", "configuration": configuration, "patients": patients,
    ]
    metadata["best_score"] = state.bestScore.map { "\($0)" }
    var tensors: [NamedTensor] = []
    for part in State.parts {
      let adam = state[keyPath: part.adam]
      metadata[part.prefix + "adam_step"] = "\(adam.step)"
      for (name, arena) in [
        ("parameters.", state[keyPath: part.parameters]), ("first.", adam.first),
        ("second.", adam.second),
      ] {
        tensors += ParameterTensors.tensors(arena, prefix: part.prefix + name)
      }
    }
    let file = SafetensorsFile(metadata: metadata, tensors: tensors)
    try file.write(to: url, overwrite: true)
  }

  /// Reads the state of a run of the same configuration and the same patients into that of a run which
  /// has just begun.
  ///
  /// - Throws: ``SpiderIO/FileError`` or ``TrainingError/otherRun(_:what:)``.
  package static func read<State: RunState>(
    _ url: URL, into start: State, configuration: String, patients: String
  ) throws -> State {
    let file = try SafetensorsFile.read(url)
    guard file.metadata["spider.format"] == format else {
      throw FileError.unsupported(
        url, fault: "it is no checkpoint of this version", remedy: "start the run anew")
    }
    guard file.metadata["configuration"] == configuration else {
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
    var state = start
    for part in State.parts {
      let layout = state[keyPath: part.parameters].layout
      func arena(_ name: String) throws -> ParameterArena {
        let prefix = part.prefix + name
        try ParameterTensors.check(file, layout, prefix: prefix, exactly: false, url)
        return ParameterTensors.arena(file, layout, prefix: prefix)
      }
      let steps: Int = try number(part.prefix + "adam_step")
      guard steps >= 0 else { throw FileError.corrupt(url, fault: "a counter is negative") }
      state[keyPath: part.parameters] = try arena("parameters.")
      state[keyPath: part.adam].restore(
        first: try arena("first."), second: try arena("second."), step: steps)
    }
    state.step = try number("step")
    state.samples = try number("samples")
    state.seconds = try number("seconds")
    guard state.step >= 0, state.samples >= 0, state.seconds >= 0 else {
      throw FileError.corrupt(url, fault: "a counter is negative")
    }
    state.bestScore = file.metadata["best_score"].flatMap(Double.init)
    return state
  }
}
