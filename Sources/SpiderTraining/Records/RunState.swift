import SpiderCore
import SpiderEvaluation
import SpiderTensor

/// The state of a training run: all that it changes as it goes on, and a checkpoint holds.
public protocol RunState: Sendable {
  /// Steps made.
  var step: Int { get set }
  /// Patients seen.
  var samples: Int { get set }
  /// Seconds spent training, over all sessions of the run.
  var seconds: Double { get set }
  /// The best validation score so far; nil before the first validation.
  var bestScore: Double? { get set }
  /// Whatever else the run learns, numbers by their names; between -100 and 100.
  var scalars: [String: Double] { get set }
  /// The guard against steps whose loss jumps.
  var spikes: SpikeGuard { get set }
  /// The networks in training, each with its optimizer.
  static var parts: [StatePart<Self>] { get }
}

extension RunState {
  /// Nothing else.
  public var scalars: [String: Double] {
    get { [:] }
    set { precondition(newValue.isEmpty, "a run that learns no \(newValue.keys)") }
  }
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

/// The terms of a loss as the log shows them.
public protocol LossReport: Codable, Sendable {
  /// Nothing added up yet.
  static var zero: Self { get }
  /// The sum that training lowers.
  var total: Double { get }
  /// Its terms, by their names in the log; the total may be left out.
  var terms: [(name: String, value: Double)] { get }
  /// Adds another step's terms.
  mutating func add(_ other: Self)
  /// Multiplies every term.
  mutating func scale(by factor: Double)
}

/// The report of one training step.
public struct StepReport<Loss: LossReport>: Sendable {
  /// The loss before the step.
  public var loss: Loss
  /// The length of the gradient before clipping.
  public var gradientNorm: Double
  /// Why nothing was moved; nil: the step was made.
  public var spike: SpikeGuard.Spike?
}

extension LossTerms: LossReport {
  /// Nothing added up yet.
  public static var zero: LossTerms {
    LossTerms(intensity: 0, crossEntropy: 0, dice: 0, total: 0)
  }

  /// Its terms.
  public var terms: [(name: String, value: Double)] {
    [("intensity", intensity), ("cross_entropy", crossEntropy), ("dice", dice)]
  }

  /// Adds another step's terms.
  public mutating func add(_ other: LossTerms) {
    intensity += other.intensity
    crossEntropy += other.crossEntropy
    dice += other.dice
    total += other.total
  }

  /// Multiplies every term.
  public mutating func scale(by factor: Double) {
    intensity *= factor
    crossEntropy *= factor
    dice *= factor
    total *= factor
  }
}

/// Means over the steps since the last line of the log. Steps that were skipped are counted by themselves, and are
/// left out of the means where any other was made.
struct RecentSteps<Loss: LossReport> {
  private var count = 0.0
  private var skipped = 0
  private var sum = Loss.zero
  private var gradientNorm = 0.0

  mutating func add(_ report: StepReport<Loss>) {
    if report.spike != nil {
      skipped += 1
      // Until one is made, the last that was skipped is what there is to show.
      if count == 0 { (sum, gradientNorm) = (report.loss, report.gradientNorm) }
      return
    }
    if count == 0 { (sum, gradientNorm) = (.zero, 0) }
    count += 1
    sum.add(report.loss)
    gradientNorm += report.gradientNorm
  }

  func line<Weights>(
    _ state: some RunState, weights: Weights, rate: Double,
    validation: EvaluationSummary.Means?
  ) -> LogLine<Loss, Weights> {
    let share = 1 / max(1, count)
    var mean = sum
    mean.scale(by: share)
    return LogLine(
      step: state.step, samples: state.samples, seconds: state.seconds, loss: mean,
      weights: weights, learningRate: rate, gradientNorm: gradientNorm * share, skipped: skipped,
      validation: validation)
  }
}
