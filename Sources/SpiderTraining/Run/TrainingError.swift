import Foundation
import SpiderIO

/// Why a training run cannot start or go on.
public enum TrainingError: Error, Equatable, CustomStringConvertible {
  case diverged(step: Int)
  case badConfiguration(String)
  case runExists(URL)
  case nothingToResume(URL)
  case otherRun(URL, what: String)

  /// What is wrong, and what to do.
  public var description: String {
    switch self {
    case .diverged(let step):
      return
        "loss, gradient or parameters of step \(step) are not numbers; the last good checkpoint is kept: "
        + "lower learningRate.peak in the run's config.yaml and go on with --resume"
    case .badConfiguration(let fault):
      return "this configuration cannot be trained: \(fault)"
    case .runExists(let url):
      return "\(url.path) holds a run already; go on with --resume or choose another folder"
    case .nothingToResume(let url):
      return "\(url.path) holds no checkpoint to go on from; start without --resume"
    case .otherRun(let url, let what):
      return
        "\(url.path) belongs to a run with another \(what); resume with the run's own config.yaml "
        + "and data"
    }
  }
}
