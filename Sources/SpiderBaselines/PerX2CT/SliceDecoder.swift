import SpiderCore
import SpiderSupport
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

/// Two normalised 3x3 convolutions added to the input, which a 1x1 convolution brings to as many
/// channels where they differ.
struct ResidualBlock {
  private let norm1: SwishNorm
  private let conv1: TapedConvolution
  private let norm2: SwishNorm
  private let conv2: TapedConvolution
  private let shortcut: TapedConvolution?

  init(
    _ name: String, inputChannels: Int, outputChannels: Int, _ builder: inout LayerBuilder
  ) {
    norm1 = SwishNorm("\(name).norm1", channels: inputChannels, &builder)
    conv1 = TapedConvolution(
      image: "\(name).conv1", inputChannels: inputChannels, outputChannels: outputChannels, &builder
    )
    norm2 = SwishNorm("\(name).norm2", channels: outputChannels, &builder)
    conv2 = TapedConvolution(
      image: "\(name).conv2", inputChannels: outputChannels, outputChannels: outputChannels,
      &builder)
    shortcut =
      inputChannels == outputChannels
      ? nil
      : TapedConvolution(
        image: "\(name).nin_shortcut", inputChannels: inputChannels, outputChannels: outputChannels,
        kernel: 1, &builder)
  }

  /// (N, C, H, W) to (N, C', H, W).
  func callAsFunction(_ x: Activation, _ tape: Tape) -> Activation {
    let main = conv2(norm2(conv1(norm1(x, tape), tape), tape), tape)
    return Elementwise.sum(main, shortcut.map { $0(x, tape) } ?? x, tape)
  }
}

/// Group normalisation of 32 groups, and x sigmoid(x) after it when asked.
struct SwishNorm {
  private let norm: GroupNorm
  private let swishes: Bool

  init(_ name: String, channels: Int, swishes: Bool = true, _ builder: inout LayerBuilder) {
    precondition(channels % 32 == 0, "\(channels) channels in 32 groups")
    norm = GroupNorm(
      name, channels: channels, groups: 32, relu: false, epsilon: 1e-6, layout: &builder.layout)
    self.swishes = swishes
  }

  /// (N, C, H, W) to the same shape.
  func callAsFunction(_ x: Activation, _ tape: Tape) -> Activation {
    let statistics = FloatSlice.scratch(norm.statisticsCount(images: x.shape[0]))
    var y = Tensor(uninitialized: x.shape)
    norm.forward(
      x.value.images, tape.parameters, into: y.mutableImages(), statistics: statistics)
    let normal = tape.isRecording && swishes ? y : nil
    if swishes {
      let memory = y.mutableSlice()
      Parallel.forEachWorker(splitting: memory.count) { _, range in
        Elements.swish(memory.part(range.lowerBound, range.count))
      }
    }
    let output = Activation(y)
    tape.record(output) { gradient, pool in
      var up = gradient
      if let normal { Elements.swishBackward(up.mutableSlice(), input: normal.slice) }
      var inputGradient = Tensor(uninitialized: x.shape)
      norm.backward(
        up.images, input: x.value.images, statistics: statistics, tape.parameters, pool,
        into: inputGradient.mutableImages())
      x.add(inputGradient)
    }
    return output
  }
}
