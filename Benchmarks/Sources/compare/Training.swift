import Foundation
import SpiderTraining

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
