/// How much each term counts in the sum that training lowers.
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

  /// Why nothing can be learned with these weights, or nil.
  public var fault: String? {
    let all = [intensity, crossEntropy, dice]
    return all.allSatisfy { $0 >= 0 && $0.isFinite } && all.contains { $0 > 0 }
      ? nil : "the weights of the loss must be at least 0, one of them more"
  }
}
