import Foundation

/// The values of the loss's terms, unweighted, and their weighted sum.
public struct LossTerms: Codable, Equatable, Sendable {
  /// Mean absolute error of intensity, window units (1 = 3000 HU with the default window).
  public var intensity: Double
  /// Mean cross-entropy over points of known structure, nats.
  public var crossEntropy: Double
  /// One minus the mean soft Dice over the classes that occur.
  public var dice: Double
  /// The weighted sum.
  public var total: Double

  /// Whether every term is a number.
  public var isFinite: Bool {
    intensity.isFinite && crossEntropy.isFinite && dice.isFinite && total.isFinite
  }

  enum CodingKeys: String, CodingKey {
    case intensity
    case crossEntropy = "cross_entropy"
    case dice
    case total
  }
}

/// The weights of the terms in the sum that training lowers.
public struct LossWeights: Codable, Equatable, Sendable {
  /// Weight of the mean absolute error of intensity, in window units.
  public var intensity: Double
  /// Weight of the cross-entropy of the tissue class.
  public var crossEntropy: Double
  /// Weight of one minus the mean soft Dice of the classes.
  public var dice: Double

  /// Equal weights on structure, and five times as much on the numerically small intensity term.
  public init(intensity: Double = 5, crossEntropy: Double = 0.5, dice: Double = 0.5) {
    self.intensity = intensity
    self.crossEntropy = crossEntropy
    self.dice = dice
  }

  /// The reason why nothing can be learned with these weights, or nil.
  public var fault: String? {
    let all = [intensity, crossEntropy, dice]
    return all.allSatisfy { (0...1e6).contains($0) } && all.contains { $0 >= 1e-9 }
      ? nil : "the weights of the loss must be 0 to a million, one of them more than 0"
  }
}

/// The way the terms of the loss are weighed against each other.
public enum LossBalancing: String, CaseIterable, Codable, Equatable, Sendable {
  /// By the weights of the configuration, all through the run.
  case fixed
  /// By weights that follow each term's own size; those of the configuration are where they begin.
  case uncertainty
}

/// Weights of the loss's terms that tune themselves (Kendall, Gal & Cipolla, "Multi-task learning using uncertainty
/// to weigh losses", CVPR 2018).
///
/// Each term L has a learned scale s, and what is lowered is the sum of exp(-s) L + s. The scales go down that sum's
/// slope, 1 - exp(-s) L, by a rate of their own: in the end every term weighs as much as every other, whatever its
/// unit and however far it has come. Terms of weight 0 stay out.
package struct LossBalance: Equatable, Sendable {
  /// The share of its slope that a scale goes in a step.
  static let rate = 0.05
  /// The furthest that a scale goes in a step: the first losses can be a hundred times the last.
  private static let longest = 0.5
  /// The largest scale, either way.
  static let limit = 20.0

  /// A term's name, and its place in the weights and in the losses.
  private typealias Term = (
    name: String, weight: WritableKeyPath<LossWeights, Double>, value: KeyPath<LossTerms, Double>
  )

  private static var terms: [Term] {
    [
      ("intensity", \.intensity, \.intensity), ("cross_entropy", \.crossEntropy, \.crossEntropy),
      ("dice", \.dice, \.dice),
    ]
  }

  /// The scale s of each term by its name; none for terms that stay out.
  package private(set) var scales: [String: Double] = [:]

  /// Begins with given weights.
  package init(_ weights: LossWeights) {
    for term in Self.terms where weights[keyPath: term.weight] > 0 {
      scales[term.name] = min(max(-log(weights[keyPath: term.weight]), -Self.limit), Self.limit)
    }
  }

  /// Takes up where a run stopped.
  mutating func restore(_ scales: [String: Double]) {
    for (name, scale) in scales where self.scales[name] != nil { self.scales[name] = scale }
  }

  /// The weights as they are now.
  package var weights: LossWeights {
    var weights = LossWeights(intensity: 0, crossEntropy: 0, dice: 0)
    for term in Self.terms {
      if let scale = scales[term.name] { weights[keyPath: term.weight] = exp(-scale) }
    }
    return weights
  }

  /// One step, by the losses of a batch. A term that is exactly 0 had no points to speak of.
  package mutating func follow(_ losses: LossTerms) {
    for term in Self.terms {
      let loss = losses[keyPath: term.value]
      guard let scale = scales[term.name], loss > 0 else { continue }
      let step = min(Self.rate * (exp(-scale) * loss - 1), Self.longest)
      scales[term.name] = min(max(scale + step, -Self.limit), Self.limit)
    }
  }
}
