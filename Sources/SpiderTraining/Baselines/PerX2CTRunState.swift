import SpiderBaselines
import SpiderCore

/// All that a run of PerX2CT changes.
public struct PerX2CTRunState: RunState {
  /// The model as it is now.
  public var model: BaselineModel
  /// The optimizer.
  public var adam: Adam
  /// Steps made.
  public var step = 0
  /// Patients seen.
  public var samples = 0
  /// Seconds spent training.
  public var seconds = 0.0
  /// The best validation score so far.
  public var bestScore: Double?

  /// The one network.
  public static var parts: [StatePart<PerX2CTRunState>] {
    [StatePart(prefix: "", parameters: \.model.parameters, adam: \.adam)]
  }
}

/// The terms of PerX2CT's loss.
public struct PerX2CTLosses: LossReport {
  /// Mean absolute difference of the slices, window units.
  public var intensity = 0.0
  /// LPIPS, before its factor.
  public var perceptual = 0.0
  /// The loss.
  public var total = 0.0

  /// Nothing added up yet.
  public static var zero: PerX2CTLosses { PerX2CTLosses() }

  /// Adds another step's terms.
  public mutating func add(_ other: PerX2CTLosses) {
    intensity += other.intensity
    perceptual += other.perceptual
    total += other.total
  }

  /// Multiplies every term.
  public mutating func scale(by factor: Double) {
    intensity *= factor
    perceptual *= factor
    total *= factor
  }
}

/// The weights of the terms of PerX2CT's loss.
public struct PerX2CTLossWeights: Codable, Sendable {
  /// Of the mean absolute difference.
  public var intensity = 1.0
  /// Of LPIPS.
  public var perceptual = 0.0
}
