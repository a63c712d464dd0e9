import SpiderEvaluation
import Synchronization

/// A handle by which a training run is asked to stop, from any thread.
///
/// The run ends after the step it is in, with a checkpoint written. A run inside a task that is cancelled
/// ends in the same way without a handle.
public final class TrainingControl: Sendable {
  private let stopped = Atomic(false)

  /// A handle that asks for nothing yet.
  public init() {}

  /// Asks the run to stop.
  public func stop() { stopped.store(true, ordering: .relaxed) }

  /// Whether the run was asked to stop.
  public var isStopped: Bool { stopped.load(ordering: .relaxed) }
}

/// The end of a training run that did not fail, with the state it ended in.
public enum TrainingOutcome<State> {
  /// All of its steps are made.
  case finished(State)
  /// It was asked to stop; its checkpoint is that of the last step, and resuming it gives the bits of an
  /// uninterrupted run.
  case stopped(State)

  /// The state after the last step that was made.
  public var state: State {
    switch self {
    case .finished(let state), .stopped(let state): state
    }
  }

  /// Whether it was asked to stop before its last step.
  public var isStopped: Bool {
    if case .stopped = self { true } else { false }
  }
}

extension TrainingOutcome: Sendable where State: Sendable {}

/// An event of a training run, told as it goes on.
public enum TrainingEvent: Sendable {
  /// A line of the log was written.
  case line(any LoggedSteps)
  /// The share of the run that is done, 0 to 1, and how many seconds are left.
  case progress(share: Double, secondsLeft: Double)
  /// A word on how the run starts, for whoever resumes it.
  case note(String)
  /// A new best model was saved, with its validation score.
  case best(score: Double)
}
