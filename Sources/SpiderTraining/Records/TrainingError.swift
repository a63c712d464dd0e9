import Foundation
import SpiderIO

/// An error that keeps a training run from starting or going on.
public enum TrainingError: Error, Equatable, CustomStringConvertible {
  /// Loss, gradient or parameters of a step are not numbers.
  case diverged(step: Int)
  /// A configuration that cannot be trained, and why.
  case badConfiguration(String)
  /// Neither a preset of the network nor a file.
  case noSuchConfiguration(String, network: String, presets: [String])
  /// A configuration of one network where another was asked for.
  case otherNetwork(found: String, asked: String)
  /// A network that only starts from new weights.
  case alwaysNew(network: String)
  /// A folder with a file of a run in it, where a new run should go.
  case runExists(URL)
  /// A folder without a checkpoint.
  case nothingToResume(URL)
  /// A folder in which another process is training.
  case runLocked(URL)
  /// A wish that contradicts the run that is resumed.
  case otherWish(URL, what: String, stated: String, asked: String)
  /// A configuration that needs more memory than it may have, both in bytes.
  case tooLarge(needed: Int, limit: Int, what: String)
  /// A checkpoint of a run with another configuration or data set.
  case otherRun(URL, what: String)

  /// The fault and its remedy.
  public var description: String {
    switch self {
    case .diverged(let step):
      return
        "loss, gradient or parameters of step \(step) are not numbers; the last good checkpoint is kept: "
        + "lower learningRate.peak in the run's config.yaml and resume the run"
    case .badConfiguration(let fault):
      return "this configuration cannot be trained: \(fault)"
    case .noSuchConfiguration(let name, let network, let presets):
      return "\(name): there is no such file and no such preset of \(network); presets: "
        + presets.joined(separator: ", ")
    case .otherNetwork(let found, let asked):
      return
        "this configuration cannot be trained as '\(asked)': it is one of '\(found)'; name the same "
        + "network in both"
    case .alwaysNew(let network):
      return "\(network) starts from new weights only; start without a model"
    case .runExists(let url):
      return "\(url.path) holds a run already; resume it or choose another folder"
    case .nothingToResume(let url):
      return "\(url.path) holds no run to go on with; start a new run"
    case .runLocked(let url):
      return "\(url.path): another process is training in this folder; wait for it, or stop it"
    case .otherWish(let url, let what, let stated, let asked):
      return
        "\(url.path): the run has the \(what) \(stated), not \(asked); a run that is resumed keeps its "
        + "own: leave it away, or start a new run"
    case .tooLarge(let needed, let limit, let what):
      func size(_ bytes: Int) -> String { String(format: "%.1f GB", Double(bytes) / 1e9) }
      return
        "this configuration needs about \(size(needed)) of memory, most of it for \(what), and may have "
        + "\(size(limit)); make it smaller"
    case .otherRun(let url, let what):
      return
        "\(url.path) belongs to a run with another \(what); resume with the run's own config.yaml "
        + "and data"
    }
  }
}
