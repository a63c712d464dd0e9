/// X2CT-GAN as a whole: the generator, its variants, and the discriminator it is trained against.
public struct X2CTArchitecture: Codable, Equatable, Sendable {
  /// Widths of the generator.
  public var generator = X2CTConfiguration()
  /// Whether the average of both views goes back into each.
  public var feedsBack = true
  /// Whether normalisations know samples, in the encoders; else batches.
  public var encoderUsesInstances = true
  /// The same in the decoders.
  public var decoderUsesInstances = true
  /// Widths of the discriminator, which training needs and use does not.
  public var discriminator = PatchDiscriminator.Configuration()

  /// As published.
  public init() {}

  /// The variant of the generator.
  public var variant: X2CTVariant {
    var variant = X2CTVariant()
    variant.feedsBack = feedsBack
    variant.encoderUsesInstances = encoderUsesInstances
    variant.decoderUsesInstances = decoderUsesInstances
    return variant
  }

  /// Why no networks have these widths, or nil.
  public var fault: String? {
    if let fault = generator.fault { return fault }
    let d = discriminator
    guard d.inputChannels == 3, (1...512).contains(d.width), (1...5).contains(d.halvings) else {
      return "the discriminator has 3 channels in, a width of 1 to 512 and 1 to 5 halvings"
    }
    return nil
  }
}
