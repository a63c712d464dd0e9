import SpiderCore
import SpiderTensor

/// The multi-view generator of X2CT-GAN: two X-rays to one CT volume.
///
/// Each view has an encoder and a decoder of its own; level by level the volumes of both are brought
/// to CT order and averaged, the average feeds a third decoder and goes back into both views.
/// Parameters have the names and shapes of the published state dict.
public struct X2CTGenerator: Sendable {
  /// The volumes of one pass (N, 1, S, S, S).
  public struct Output {
    /// The reconstruction, in CT order.
    package let volume: Tensor
    /// Each view's own volume in the view's order; nil unless asked for.
    package let views: [Tensor]?
  }

  /// Widths.
  public let configuration: X2CTConfiguration
  /// Which of the published variants.
  public let variant: X2CTVariant
  /// Names and places of the parameters.
  package let layout: ParameterLayout
  private let branches: [ViewBranch]
  private let fused: FusedDecoder

  /// Builds the network. `published` are the names in a file of weights, where one is to be read: it
  /// decides which convolutions have a bias.
  public init(
    _ configuration: X2CTConfiguration = X2CTConfiguration(),
    _ variant: X2CTVariant = X2CTVariant(),
    published: Set<String>? = nil
  ) {
    precondition(configuration.fault == nil, configuration.fault ?? "")
    self.configuration = configuration
    self.variant = variant
    var builder = LayerBuilder(
      published: published, initializer: .normal(0.02), smallImages: .columns)
    branches = (1...2).map { ViewBranch("view\($0)Model", configuration, variant, &builder) }
    fused = FusedDecoder(configuration, variant, &builder)
    layout = builder.layout
  }

  /// Two X-rays (N, 1, S, S), PA and lateral, in the published orientation, to the volume. `needsViews`
  /// asks for the views' own volumes, which nothing in the published method uses.
  package func forward(_ images: [Tensor], _ tape: Tape, needsViews: Bool = false) -> Output {
    let result = run(images.map { Activation($0, isConstant: true) }, tape, needsViews: needsViews)
    return Output(volume: result.volume.value, views: result.views.map { $0.map(\.value) })
  }

  /// The same on activations, for training.
  func run(
    _ images: [Activation], _ tape: Tape, needsViews: Bool = false
  ) -> (volume: Activation, views: [Activation]?) {
    let features = zip(branches, images).map { $0.encode($1, tape) }
    // At full size a volume of the finest level takes half as much memory as the weights. So a level's decoders
    // run when the next level asks for what they make, and volumes go when they have been read.
    var average: Activation?
    var own: [Activation?] = [nil, nil]
    var result: Activation?
    func volume(_ view: Int, after level: Int) -> Activation? {
      let entered =
        variant.feedsBack ? average.map { variant.orders[view].toView($0, tape) } : own[view].take()
      return entered.map { branches[view].decode(level, $0, tape) }
    }
    for level in stride(from: X2CTConfiguration.coarsest, through: -1, by: -1) {
      let next = VolumeOrder.mean(variant.orders, tape) { view in
        let entered = branches[view].enter(
          level, volume(view, after: level + 1), features[view], tape)
        if !variant.feedsBack { own[view] = entered }
        return entered
      }
      tape.tap("fused\(level)", next)
      if let last = average.take() { result = fused.decode(level + 1, last, result.take(), tape) }
      average = next
    }
    let views =
      needsViews
      ? branches.indices.compactMap { view in
        volume(view, after: -1).map { branches[view].finish($0, tape) }
      } : nil
    own = []
    guard let last = average.take() else { preconditionFailure("no levels") }
    return (fused.finish(fused.decode(-1, last, result.take(), tape), tape), views)
  }
}

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
