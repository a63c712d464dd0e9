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
