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
  /// The checkpoint before that, for when it is damaged.
  public var previousCheckpoint: URL {
    url.appendingPathComponent("checkpoint/previous.safetensors")
  }
  /// One JSON line a report.
  public var log: URL { url.appendingPathComponent(LearningCurve.logName) }
  /// The configuration of the run.
  public var configuration: URL { url.appendingPathComponent("config.yaml") }

  /// The first file of a run that is there already; a new run replaces none.
  public var existing: URL? {
    [checkpoint, best, last, log, configuration, previousCheckpoint].first {
      FileManager.default.fileExists(atPath: $0.path)
    }
  }

  /// Whether there is a checkpoint to go on from.
  public var hasCheckpoint: Bool {
    [checkpoint, previousCheckpoint].contains { FileManager.default.fileExists(atPath: $0.path) }
  }
  /// Whether there is a run to go on with, be it from its beginning.
  public var hasRun: Bool {
    hasCheckpoint || FileManager.default.fileExists(atPath: configuration.path)
  }
}

/// The length of a training run, and the intervals of all it does beside its steps.
public struct RunPlan: Sendable {
  /// Steps of the run; with `minutes`, only a record.
  public var steps: Int
  /// Minutes of training instead of steps, over all sessions of the run; 0 counts steps.
  public var minutes: Double
  /// Steps between validations.
  public var validationInterval: Int
  /// Voxels along a side of the validation volumes.
  public var validationSize: Int
  /// Steps between checkpoints.
  public var checkpointInterval: Int
  /// Steps between lines of the log.
  public var logInterval: Int

  /// The share of the run that a state has behind it, 0 to 1.
  func share(of state: some RunState) -> Double {
    minutes > 0
      ? min(1, state.seconds / (60 * minutes)) : min(1, Double(state.step) / Double(steps))
  }

  /// The end of the steps whose batches are prepared ahead. Where the clock ends the run, one batch is
  /// made in vain.
  var endOfPreparing: Int { minutes > 0 ? .max : steps }
}
