import Foundation

/// The steps of a run by which a guard against spikes judges the next one: a part of the run's state.
///
/// A step whose loss, or whose gradient's length, is finite but lies far beyond the usual is skipped: nothing moves,
/// neither parameters nor moments, and the run goes on with the next batch, as Chowdhery et al. (PaLM,
/// arXiv:2204.02311, section 5.1) did by hand. What is usual is said robustly, by the median and the median absolute
/// deviation of the steps before (Hampel, J. Am. Stat. Assoc. 69 (1974) 383; Iglewicz & Hoaglin 1993), of logarithms,
/// since losses and gradients change by factors and have long tails upwards. With y the logarithm,
///
///     y - median > limit * max(1.4826 MAD, 0.2)
///
/// is a spike; the median absolute deviation is 1.4826 times smaller than the standard deviation of a normal law.
/// Where steps are very much alike, the smallest spread of 0.2 keeps a hard patient from being called a spike: with
/// a limit of 10 nothing is that is not 7 times the usual. Only steps that were made are remembered, so that a spike
/// does not make the next one usual.
public struct SpikeGuard: Equatable, Sendable {
  /// Steps that are remembered.
  static let window = 64
  /// Steps before which nothing is judged.
  static let fewest = 16
  /// Steps in a row that may be skipped, less one: the run stops at this one.
  static let mostInARow = 20
  /// The smallest spread of logarithms.
  static let leastSpread = 0.2
  /// The limits that a configuration may have, beside 0.
  static let limits = 3.0...1e6
  /// The logarithms that there are: of no positive Double is it beyond.
  private static let logarithms = -745.0...710.0

  /// Steps skipped since the run began.
  public private(set) var skipped = 0
  /// Steps skipped up to the last one, without one that was made.
  public private(set) var inARow = 0
  /// Logarithms of the losses of the last steps that were made, oldest first.
  private var losses: [Double] = []
  /// Those of the lengths of their gradients.
  private var norms: [Double] = []

  /// A step that was skipped, and why.
  public struct Spike: Equatable, Sendable {
    /// "loss" or "gradient".
    public let name: String
    /// The loss, or the length of the gradient.
    public let value: Double
    /// Its median over the steps before.
    public let usual: Double
    /// The value beyond which it is a spike.
    public let bound: Double

    /// In words.
    var words: String {
      String(
        format: "its %@ is %.4g, %.3g times the usual %.4g (a spike from %.4g on)", name, value,
        value / usual, usual, bound)
    }
  }

  /// The beginning of a run.
  public init() {}

  /// Judges a step by those before: the spike that it is, or nil, and then it is one of them.
  ///
  /// - Parameter limit: spreads above the usual; 0 judges and remembers nothing.
  package mutating func judge(loss: Double, gradientNorm: Double, limit: Double) -> Spike? {
    guard limit > 0 else { return nil }
    let (y, z) = (Self.logarithm(loss), Self.logarithm(gradientNorm))
    let spike =
      Self.spike("loss", y, among: losses, limit)
      ?? Self.spike("gradient", z, among: norms, limit)
    guard spike == nil else {
      skipped += 1
      inARow += 1
      return spike
    }
    inARow = 0
    losses = (losses + [y]).suffix(Self.window)
    norms = (norms + [z]).suffix(Self.window)
    return nil
  }

  private static func logarithm(_ value: Double) -> Double {
    log(max(value, .leastNonzeroMagnitude))
  }

  private static func spike(
    _ name: String, _ y: Double, among before: [Double], _ limit: Double
  ) -> Spike? {
    guard before.count >= fewest else { return nil }
    let middle = median(before)
    let spread = 1.4826 * median(before.map { abs($0 - middle) })
    let bound = middle + limit * max(spread, leastSpread)
    guard y > bound else { return nil }
    return Spike(name: name, value: exp(y), usual: exp(middle), bound: exp(bound))
  }

  private static func median(_ values: [Double]) -> Double {
    let sorted = values.sorted()
    let half = sorted.count / 2
    return sorted.count % 2 == 1 ? sorted[half] : 0.5 * (sorted[half - 1] + sorted[half])
  }
}

extension SpikeGuard {
  /// The state as a checkpoint holds it, to the bit: two counts, and the logarithms.
  var text: String {
    func list(_ numbers: [Double]) -> String {
      numbers.map { "\($0)" }.joined(separator: " ")
    }
    return "\(skipped) \(inARow);\(list(losses));\(list(norms))"
  }

  /// Reads the state of a checkpoint; nil where it cannot be one.
  init?(_ text: String) {
    let parts = text.split(separator: ";", omittingEmptySubsequences: false)
    guard parts.count == 3, text.utf8.count <= 64 * Self.window else { return nil }
    let counts = parts[0].split(separator: " ").map { Int($0) }
    guard counts.count == 2, let skipped = counts[0], let inARow = counts[1],
      (0...1 << 40).contains(skipped), (0...Self.mostInARow).contains(inARow),
      inARow <= skipped
    else { return nil }
    func numbers(_ part: Substring) -> [Double]? {
      let numbers = part.split(separator: " ").map { Double($0) ?? .nan }
      return numbers.count <= Self.window && numbers.allSatisfy(Self.logarithms.contains)
        ? numbers : nil
    }
    guard let losses = numbers(parts[1]), let norms = numbers(parts[2]),
      losses.count == norms.count
    else { return nil }
    (self.skipped, self.inARow, self.losses, self.norms) = (skipped, inARow, losses, norms)
  }

  /// The state as so many numbers, whatever it is: what processes give each other.
  var numbers: [Double] {
    let rest = [Double](repeating: 0, count: Self.window - losses.count)
    return [Double(skipped), Double(inARow), Double(losses.count)] + losses + rest + norms + rest
  }

  /// Takes the state of such numbers.
  init(numbers: [Double]) {
    precondition(numbers.count == 3 + 2 * Self.window, "\(numbers.count) numbers of a guard")
    (skipped, inARow) = (Int(numbers[0]), Int(numbers[1]))
    let count = Int(numbers[2])
    losses = Array(numbers[3..<3 + count])
    norms = Array(numbers[3 + Self.window..<3 + Self.window + count])
  }
}

extension RunState {
  /// Judges a step before it moves anything. One that is a spike is counted as seen, and is over.
  ///
  /// - Throws: ``TrainingError/spikes(_:)`` where it is one too many in a row.
  mutating func skips(
    loss: Double, gradientNorm: Double, limit: Double, patients: [String]
  ) throws(TrainingError) -> SpikeGuard.Spike? {
    let spike = spikes.judge(loss: loss, gradientNorm: gradientNorm, limit: limit)
    guard let spike else { return nil }
    guard spikes.inARow < SpikeGuard.mostInARow else {
      throw .spikes(
        TrainingError.Spikes(
          step: step + 1, inARow: spikes.inARow, last: spike, patients: patients))
    }
    step += 1
    return spike
  }
}
