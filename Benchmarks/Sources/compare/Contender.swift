import ArgumentParser
import Foundation
import SpiderTraining

/// A method that takes part: the name in the tables and its configuration.
struct Contender {
  let name: String
  /// A preset, or a file.
  let configuration: String
  /// Which network it is.
  let network: TrainableNetwork
  /// Patients that it sees in a step.
  let patientsPerStep: Int

  init(_ argument: String) throws {
    let parts = argument.split(separator: "=", maxSplits: 1).map(String.init)
    name = parts[0]
    configuration = parts[parts.count - 1]
    guard let network = TrainableNetwork.of(configuration) else {
      throw ValidationError("'\(configuration)' is no preset and no configuration file")
    }
    self.network = network
    let preset = network.presets.first { $0.rawValue == parts[parts.count - 1] }
    patientsPerStep =
      try preset?.configuration.patientsPerStep
      ?? network.read(URL(fileURLWithPath: configuration)).patientsPerStep
  }
}

/// What every method is given to learn with.
enum Budget {
  case minutes(Double)
  case samples(Int)

  var name: String {
    switch self {
    case .minutes(let minutes): String(format: "equal-time-%.4g-minutes", minutes)
    case .samples(let samples): "equal-samples-\(samples)"
    }
  }

  /// As options of spider train.
  func options(for method: Contender) -> [String] {
    switch self {
    case .minutes(let minutes): ["--minutes", "\(minutes)"]
    case .samples(let samples):
      ["--steps", "\(max(1, (samples + method.patientsPerStep - 1) / method.patientsPerStep))"]
    }
  }
}

/// The training of one method under a budget, from wherever it is to its end.
struct Training {
  let method: Contender
  let budget: Budget
  let data: String
  let seed: UInt64
  let run: RunFolder

  /// There once it is finished.
  private var mark: URL { run.url.appendingPathComponent("finished") }

  func finish(with program: SpiderProgram) throws {
    guard !FileManager.default.fileExists(atPath: mark.path) else { return }
    var arguments = ["train", "--data", data, "--out", run.url.path] + budget.options(for: method)
    if run.hasCheckpoint {
      arguments.append("--resume")
    } else {
      // Interrupted before its first checkpoint: nothing in it is worth keeping.
      if run.existing != nil { try FileManager.default.removeItem(at: run.url) }
      arguments += ["--config", method.configuration, "--seed", "\(seed)"]
    }
    try program.run(arguments)
    try Data().write(to: mark)
  }
}
