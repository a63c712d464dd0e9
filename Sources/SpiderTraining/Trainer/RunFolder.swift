import Foundation
import SpiderEvaluation

/// The files of a training run.
public struct RunFolder: Sendable {
  /// The folder.
  public let url: URL

  /// Names the files of a run in a folder.
  public init(_ url: URL) { self.url = url }

  /// The model with the best validation score.
  public var best: URL { url.appendingPathComponent("best.safetensors") }
  /// The model after the last step.
  public var last: URL { url.appendingPathComponent("last.safetensors") }
  /// Everything needed to go on.
  public var checkpoint: URL { url.appendingPathComponent("checkpoint/state.safetensors") }
  /// One JSON line a report.
  public var log: URL { url.appendingPathComponent(LearningCurve.logName) }
  /// The configuration of the run.
  public var configuration: URL { url.appendingPathComponent("config.yaml") }

  /// The first file of a run that is there already; a new run replaces none.
  public var existing: URL? {
    [checkpoint, best, last, log, configuration].first {
      FileManager.default.fileExists(atPath: $0.path)
    }
  }

  /// Whether there is a run to go on with.
  public var hasCheckpoint: Bool { FileManager.default.fileExists(atPath: checkpoint.path) }
}
