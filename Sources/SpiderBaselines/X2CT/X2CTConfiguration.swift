import SpiderTensor

/// Widths and variants of the multi-view generator of X2CT-GAN (Ying et al., CVPR 2019), under the
/// names that descriptions of published networks use.
///
/// Levels count from -1, the finest, to 4, where volumes are `inputSize` / 32 voxels a side.
public struct X2CTConfiguration: Codable, Equatable, Sendable {
  /// Layers of the five dense blocks.
  public var encoderBlocks = [6, 12, 24, 16, 6]
  /// Channels that a dense layer adds.
  public var growthRate = 32
  /// Width of a dense layer's first convolution, in growth rates.
  public var bottleneck = 4
  /// Channels of the first convolution.
  public var encoderFirst = 64
  /// Channels that enter each level of the decoders, from level -1 to 4.
  public var decoderChannels = [16, 16, 32, 64, 128, 256]
  /// Convolutions of each level of a view's decoder, from level -1 to 4.
  public var decoderBlocks = [1, 2, 2, 2, 2, 0]
  /// Convolutions of each level of the fused decoder after the one that joins, from level -1 to 4.
  public var fusedDecoderBlocks = [1, 1, 1, 1, 1, 0]
  /// Pixels along a side of the X-rays, a multiple of 32 and at least 64.
  public var inputSize = 128

  enum CodingKeys: String, CodingKey {
    case encoderBlocks = "encoder_block_list"
    case growthRate = "growth_rate"
    case bottleneck = "bn_size"
    case encoderFirst = "encoder_first"
    case decoderChannels = "decoder_channel_list"
    case decoderBlocks = "decoder_block_list"
    case fusedDecoderBlocks = "fused_decoder_block_list"
    case inputSize = "input_size"
  }

  /// The published widths.
  public init() {}

  /// The coarsest level, where the decoders start.
  static let coarsest = 4
  /// Voxels along a side at the coarsest level.
  var coarsestSide: Int { inputSize / 32 }

  /// Channels that enter a level.
  func channels(_ level: Int) -> Int { decoderChannels[level + 1] }

  /// The reason why no network has these widths, or nil.
  public var fault: String? {
    guard encoderBlocks.count == 5, decoderChannels.count == 6, decoderBlocks.count == 6,
      fusedDecoderBlocks.count == 6
    else { return "there are five dense blocks and six levels of decoders" }
    let widths = encoderBlocks + decoderChannels + [growthRate, bottleneck, encoderFirst]
    // Far above the published ones, and far below what overflows.
    guard widths.allSatisfy({ (1...8192).contains($0) }), encoderBlocks.allSatisfy({ $0 <= 256 }),
      (decoderBlocks + fusedDecoderBlocks).allSatisfy({ (0...256).contains($0) })
    else { return "all widths must be 1 to 8192, and at most 256 blocks a level" }
    guard inputSize <= 512 else { return "X-rays of \(inputSize) pixels a side, more than 512" }
    // At 32 pixels the last normalisation would see one value a channel.
    guard inputSize % 32 == 0, inputSize >= 64 else {
      return "the X-rays must be a multiple of 32 pixels a side, at least 64, not \(inputSize)"
    }
    return nil
  }
}

/// The features that tell the published variants of the multi-view generator apart, beside its widths.
public struct X2CTVariant: Equatable, Sendable {
  /// Whether the average of both views takes the place of each view's own volume, level by level.
  public var feedsBack = true
  /// Whether normalisations know samples ("instance") or batches ("batch"), in the encoders.
  public var encoderUsesInstances = true
  /// The same in three dimensions.
  public var decoderUsesInstances = true
  /// The orders to which a volume in CT order (N, C, D, H, W) is turned for each view.
  public var orders = [VolumeOrder.view1, .view2]

  /// The published network.
  public init() {}

  var encoderNorm: Normalization.Kind { encoderUsesInstances ? .instance : .batch }
  var decoderNorm: Normalization.Kind { decoderUsesInstances ? .instance : .batch }
}
