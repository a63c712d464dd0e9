import Foundation
import SpiderCore
import SpiderIO
import SpiderTensor

/// The checkpoints of training runs, whole or not at all: parameters, both moments and counters in one
/// safetensors file that appears by renaming. Each network of the run has a prefix of its own.
package enum Checkpoint {
  /// Since 2, the file has a checksum of its content.
  private static let format = "spider.checkpoint/2"
  private static let formerFormat = "spider.checkpoint/1"
  /// The key of the guard against spikes; a run whose guard has seen nothing lacks it.
  static let spikesKey = "spikes"

  /// The ranges of a checkpoint's counters: the one gate for its numbers.
  enum Limits {
    /// Steps, of the run as of an optimizer.
    static let steps = 0...(1 << 40)
    /// Patients seen.
    static let samples = 0...(1 << 50)
    /// Seconds of training: a thousand years.
    static let seconds = 0...3.2e10
    /// What a run learns beside its networks.
    static let scalars = -100.0...100.0
    /// A validation score.
    static let score = -1e6...1e6
  }

  /// Writes the state; the file it replaces stays until the new one is whole, and then as its
  /// predecessor.
  ///
  /// - Parameter predecessor: the name that the file which is replaced gets; nil: it goes, as one that is
  ///   damaged must.
  package static func write<State: RunState>(
    _ state: State, configuration: String, patients: String, to url: URL, predecessor: URL? = nil
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
    for (name, value) in state.scalars { metadata["scalar.\(name)"] = "\(value)" }
    if state.spikes != SpikeGuard() { metadata[spikesKey] = state.spikes.text }
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
    let files = FileManager.default
    guard let predecessor, files.fileExists(atPath: url.path) else {
      try file.write(to: url, overwrite: true)
      return
    }
    // Whole first, under another name: at no moment is there less than one whole checkpoint.
    let next = folder.appendingPathComponent("next.safetensors")
    try file.write(to: next, overwrite: true)
    do {
      try? files.removeItem(at: predecessor)
      do {
        try files.linkItem(at: url, to: predecessor)
      } catch {
        // Some file systems have no hard links.
        try files.copyItem(at: url, to: predecessor)
      }
    } catch {
      throw FileError.notWritable(predecessor, reason: error.localizedDescription)
    }
    guard unsafe rename(next.path, url.path) == 0 else {
      throw FileError.notWritable(url, reason: unsafe String(cString: strerror(errno)))
    }
  }

  /// Reads the state of a run of the same configuration and the same patients into that of a run which
  /// has just begun.
  ///
  /// - Throws: ``/SpiderIO/FileError`` or ``TrainingError/otherRun(_:what:)``.
  package static func read<State: RunState>(
    _ url: URL, into start: State, configuration: String, patients: String
  ) throws -> State {
    let file = try SafetensorsFile.read(url)
    let stated = file.metadata["spider.format"]
    guard stated == formerFormat || (stated == format && file.isChecksummed) else {
      throw FileError.unsupported(
        url, fault: "it is no checkpoint of this version", remedy: "start the run anew")
    }
    guard file.metadata["configuration"] == configuration else {
      throw TrainingError.otherRun(url, what: "configuration")
    }
    guard file.metadata["patients"] == patients else {
      throw TrainingError.otherRun(url, what: "data set")
    }
    func number<Value: LosslessStringConvertible & Comparable>(
      _ key: String, _ range: ClosedRange<Value>
    ) throws -> Value {
      guard let value = file.metadata[key].flatMap(Value.init) else {
        throw FileError.corrupt(url, fault: "its counter '\(key)' is missing or no number")
      }
      guard range.contains(value) else {
        throw FileError.corrupt(
          url,
          fault: "its counter '\(key)' is \(value); it must be \(range.lowerBound) to "
            + "\(range.upperBound)")
      }
      return value
    }
    var state = start
    for part in State.parts {
      let layout = state[keyPath: part.parameters].layout
      func arena(_ name: String) throws -> ParameterArena {
        try ParameterTensors.arena(file, layout, prefix: part.prefix + name, exactly: false, url)
      }
      let steps = try number(part.prefix + "adam_step", Limits.steps)
      state[keyPath: part.parameters] = try arena("parameters.")
      state[keyPath: part.adam].restore(
        first: try arena("first."), second: try arena("second."), step: steps)
    }
    for name in state.scalars.keys {
      state.scalars[name] = try number("scalar.\(name)", Limits.scalars)
    }
    // None in those of a run without a guard, and of former versions.
    if let text = file.metadata[spikesKey] {
      guard let spikes = SpikeGuard(text) else {
        throw FileError.corrupt(url, fault: "its counter 'spikes' is no memory of steps")
      }
      state.spikes = spikes
    }
    state.step = try number("step", Limits.steps)
    state.samples = try number("samples", Limits.samples)
    state.seconds = try number("seconds", Limits.seconds)
    state.bestScore =
      file.metadata["best_score"] == nil ? nil : try number("best_score", Limits.score)
    return state
  }
}
