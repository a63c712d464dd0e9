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

/// The right to train in a folder, of one process at a time.
///
/// The system holds the lock, and gives it free when the process ends, however it does: nothing that a
/// dead process left behind keeps anybody out. A file system that has no locks does not keep anybody out
/// either.
final class RunLock {
  private let descriptor: Int32
  private let file: URL

  /// Takes the lock of a run; the folder must be there.
  ///
  /// - Throws: ``TrainingError/runLocked(_:)`` when another process, or another run in this one, has it.
  init(_ folder: RunFolder) throws(TrainingError) {
    file = folder.url.appendingPathComponent(".lock")
    while true {
      let descriptor = unsafe open(file.path, O_RDWR | O_CREAT | O_CLOEXEC, 0o666)
      guard descriptor >= 0 else {
        // What cannot be written to will be said by whoever writes there.
        self.descriptor = -1
        return
      }
      if flock(descriptor, LOCK_EX | LOCK_NB) != 0 {
        let isTaken = errno == EWOULDBLOCK
        close(descriptor)
        guard !isTaken else { throw .runLocked(folder.url) }
        self.descriptor = -1
        return
      }
      // Whoever had it may have taken the file away between the two calls.
      if Self.isSame(descriptor, file) {
        self.descriptor = descriptor
        return
      }
      close(descriptor)
    }
  }

  /// Whether a process has the lock of a run now; takes nothing.
  static func isHeld(_ folder: RunFolder) -> Bool {
    let file = folder.url.appendingPathComponent(".lock")
    let descriptor = unsafe open(file.path, O_RDWR | O_CLOEXEC)
    guard descriptor >= 0 else { return false }
    defer { close(descriptor) }
    return flock(descriptor, LOCK_EX | LOCK_NB) != 0 && errno == EWOULDBLOCK
  }

  private static func isSame(_ descriptor: Int32, _ file: URL) -> Bool {
    var (open, named) = (stat(), stat())
    let found = unsafe (fstat(descriptor, &open), stat(file.path, &named))
    return found == (0, 0) && open.st_ino == named.st_ino && open.st_dev == named.st_dev
  }

  deinit {
    guard descriptor >= 0 else { return }
    _ = unsafe unlink(file.path)
    close(descriptor)
  }
}
