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
