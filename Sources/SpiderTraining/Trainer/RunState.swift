import SpiderCore
import SpiderTensor

/// All that a training run changes as it goes on: what a checkpoint holds.
public protocol RunState: Sendable {
  /// Steps made.
  var step: Int { get set }
  /// Patients seen.
  var samples: Int { get set }
  /// Seconds spent training, over all sessions of the run.
  var seconds: Double { get set }
  /// The best validation score so far; nil before the first validation.
  var bestScore: Double? { get set }
  /// The networks in training, each with its optimizer.
  static var parts: [StatePart<Self>] { get }
}

/// One network of a run's state: where its numbers are, and the prefix of their names in a checkpoint.
public struct StatePart<State> {
  /// The prefix.
  public let prefix: String
  /// The network's numbers.
  package let parameters: WritableKeyPath<State, ParameterArena>
  /// Its optimizer.
  public let adam: WritableKeyPath<State, Adam>

  /// Names a part.
  package init(
    prefix: String, parameters: WritableKeyPath<State, ParameterArena>,
    adam: WritableKeyPath<State, Adam>
  ) {
    self.prefix = prefix
    self.parameters = parameters
    self.adam = adam
  }
}
