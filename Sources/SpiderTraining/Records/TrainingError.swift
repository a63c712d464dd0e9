import Foundation
import SpiderIO

/// An error that keeps a training run from starting or going on.
public enum TrainingError: Error, Equatable, CustomStringConvertible {
  /// Data, loss, gradient or parameters of a step are not finite.
  case diverged(Divergence)
  /// Too many steps in a row whose loss or gradient lies far beyond the usual.
  case spikes(Spikes)
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

  /// A row of steps that were all skipped, up to the one at which the run stopped.
  public struct Spikes: Equatable, Sendable {
    /// The last of them, from 1.
    public let step: Int
    /// How many they are.
    public let inARow: Int
    /// What was beyond the usual in the last.
    public let last: SpikeGuard.Spike
    /// The patients of the last.
    public let patients: [String]
  }

  /// The fault and its remedy.
  public var description: String {
    switch self {
    case .diverged(let divergence):
      let remedy =
        divergence.data == nil
        ? "lower learningRate.peak in the run's config.yaml and resume the run"
        : "prepare this case again, or leave it out, and start the run anew"
      return "\(divergence.fault); the last good checkpoint is kept: \(remedy)"
    case .spikes(let spikes):
      return
        "steps \(spikes.step + 1 - spikes.inARow) to \(spikes.step) were all beyond the usual and were skipped: of "
        + "the last, \(spikes.patients.asPatients), \(spikes.last.words); nothing was learned from them, and the last good "
        + "checkpoint is kept: look at these patients, lower learningRate.peak, or raise spikeLimit (0: no step is "
        + "skipped) in the run's config.yaml, and resume the run"
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
