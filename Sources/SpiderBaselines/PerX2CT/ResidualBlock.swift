import SpiderCore
import SpiderSupport
import SpiderTensor

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
