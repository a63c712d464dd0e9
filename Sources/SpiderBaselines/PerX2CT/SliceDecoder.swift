import SpiderCore
import SpiderTensor

/// The 2D decoder of PerX2CT, of the kind that VQGAN has (Esser et al. 2021): a map of 32 x 32 to a
/// slice of 128 x 128.
struct SliceDecoder {
  /// A level of the published list, the finest being 0.
  private struct Level {
    let blocks: [ResidualBlock]
    let attentions: [SelfAttention]
    let enlarge: TapedConvolution?

    func callAsFunction(_ x: Activation, _ tape: Tape) -> Activation {
      var y = x
      for (index, block) in blocks.enumerated() {
        y = block(y, tape)
        if index < attentions.count { y = attentions[index](y, tape) }
      }
      guard let enlarge else { return y }
      return enlarge(doubled(y, tape), tape)
    }

    private func doubled(_ x: Activation, _ tape: Tape) -> Activation {
      let s = x.shape
      var large = Tensor(uninitialized: [s[0], s[1], 2 * s[2], 2 * s[3]])
      Upsample.forward(x.value.images, into: large.mutableImages())
      let output = Activation(large)
      tape.record(output) { gradient, _ in
        var inputGradient = Tensor(uninitialized: s)
        Upsample.backward(gradient.images, into: inputGradient.mutableImages())
        x.add(inputGradient)
      }
      return output
    }
  }

  private let first: TapedConvolution
  private let middle: (block1: ResidualBlock, attention: SelfAttention, block2: ResidualBlock)
  /// From the coarsest to the finest.
  private let levels: [Level]
  private let lastNorm: SwishNorm
  private let last: TapedConvolution

  init(
    _ name: String, inputChannels: Int, _ configuration: PerX2CTConfiguration,
    _ builder: inout LayerBuilder
  ) {
    let widths = [1, 2, 4].map { $0 * configuration.width }
    var channels = widths[2]
    first = TapedConvolution(
      image: "\(name).conv_in", inputChannels: inputChannels, outputChannels: channels, &builder)
    middle = (
      ResidualBlock(
        "\(name).mid.block_1", inputChannels: channels, outputChannels: channels, &builder),
      SelfAttention("\(name).mid.attn_1", channels: channels, &builder),
      ResidualBlock(
        "\(name).mid.block_2", inputChannels: channels, outputChannels: channels, &builder)
    )
    levels = [2, 1, 0].map { level in
      let path = "\(name).up.\(level)"
      let blocks = (0..<3).map { index in
        defer { channels = widths[level] }
        return ResidualBlock(
          "\(path).block.\(index)", inputChannels: channels, outputChannels: widths[level],
          &builder)
      }
      let attentions = (0..<(level == 2 ? 3 : 0)).map {
        SelfAttention("\(path).attn.\($0)", channels: channels, &builder)
      }
      let enlarge =
        level > 0
        ? TapedConvolution(
          image: "\(path).upsample.conv", inputChannels: channels, outputChannels: channels,
          &builder)
        : nil
      return Level(blocks: blocks, attentions: attentions, enlarge: enlarge)
    }
    lastNorm = SwishNorm("\(name).norm_out", channels: channels, &builder)
    last = TapedConvolution(
      image: "\(name).conv_out", inputChannels: channels, outputChannels: 3, &builder)
  }

  /// Maps (N, C, 32, 32) to slices (N, 3, 128, 128).
  func callAsFunction(_ map: Activation, _ tape: Tape) -> Activation {
    var x = middle.block1(first(map, tape), tape)
    x = middle.block2(middle.attention(x, tape), tape)
    for level in levels { x = level(x, tape) }
    return last(lastNorm(x, tape), tape)
  }
}
