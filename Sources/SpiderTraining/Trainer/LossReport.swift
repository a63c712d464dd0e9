/// The terms of a loss as the log shows them.
public protocol LossReport: Codable, Sendable {
  /// Nothing added up yet.
  static var zero: Self { get }
  /// What training lowers.
  var total: Double { get }
  /// Adds another step's terms.
  mutating func add(_ other: Self)
  /// Multiplies every term.
  mutating func scale(by factor: Double)
}

/// What a step of training did.
public struct StepReport<Loss: LossReport>: Sendable {
  /// The loss before the step.
  public var loss: Loss
  /// The length of the gradient before clipping.
  public var gradientNorm: Double
}

extension LossTerms: LossReport {
  /// Nothing added up yet.
  public static var zero: LossTerms {
    LossTerms(intensity: 0, crossEntropy: 0, dice: 0, total: 0)
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
