/// The weights of the terms of X2CT-GAN's losses.
public struct X2CTLossWeights: Codable, Equatable, Sendable {
  /// Of the adversarial terms, of generator and discriminator.
  public var adversarial = 0.1
  /// Of the mean squared difference of the volumes.
  public var voxels = 10.0
  /// Of the differences of parallel projections.
  public var projections = 10.0

  enum CodingKeys: String, CodingKey {
    case adversarial = "gan"
    case voxels = "idt_mse"
    case projections = "map_l1"
  }

  /// As published.
  public init() {}
}
