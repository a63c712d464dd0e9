import SpiderTensor

/// What distinguishes the published variants of the multi-view generator, beside its widths.
public struct X2CTVariant: Equatable, Sendable {
  /// Whether the average of both views takes the place of each view's own volume, level by level.
  public var feedsBack = true
  /// Whether normalisations know samples ("instance") or batches ("batch"), in the encoders.
  public var encoderUsesInstances = true
  /// The same in three dimensions.
  public var decoderUsesInstances = true
  /// How a volume in CT order (N, C, D, H, W) is turned to the order of each view.
  public var orders = [VolumeOrder.view1, .view2]

  /// The published network.
  public init() {}

  var encoderNorm: Normalization.Kind { encoderUsesInstances ? .instance : .batch }
  var decoderNorm: Normalization.Kind { decoderUsesInstances ? .instance : .batch }
}
