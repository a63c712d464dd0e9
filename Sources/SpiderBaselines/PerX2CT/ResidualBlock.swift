import SpiderCore
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
