import SpiderCore
import SpiderTensor

/// The block of deep residual networks (He et al. 2016): 1x1, 3x3 and 1x1 convolutions with batch
/// normalisation, added to the input. A stride sits in the 3x3 convolution.
struct Bottleneck {
  private typealias Layer = (convolution: TapedConvolution, norm: Normalization)
  private let layers: [Layer]
  private let shortcut: Layer?

  /// `width` inner channels, four times as many come out.
  init(
    _ name: String, inputChannels: Int, width: Int, stride: Int, _ builder: inout LayerBuilder
  ) {
    let outputs = 4 * width
    let sizes = [
      (inputChannels, width, 1, 1), (width, width, 3, stride), (width, outputs, 1, 1),
    ]
    layers = sizes.enumerated().map { index, size in
      (
        TapedConvolution(
          image: "\(name).conv\(index + 1)", inputChannels: size.0, outputChannels: size.1,
          kernel: size.2, stride: size.3, hasBias: false, &builder),
        Normalization(
          "\(name).bn\(index + 1)", .batch, channels: size.1, relu: index < 2, &builder)
      )
    }
    let isPlain = inputChannels == outputs && stride == 1
    shortcut =
      isPlain
      ? nil
      : (
        TapedConvolution(
          image: "\(name).downsample.0", inputChannels: inputChannels, outputChannels: outputs,
          kernel: 1,
          stride: stride, hasBias: false, &builder),
        Normalization(
          "\(name).downsample.1", .batch, channels: outputs, relu: false, &builder)
      )
  }

  /// (N, C, H, W) to (N, 4 width, H / stride, W / stride).
  func callAsFunction(_ x: Activation, _ tape: Tape) -> Activation {
    let main = layers.reduce(x) { $1.norm($1.convolution($0, tape), tape) }
    let side = shortcut.map { $0.norm($0.convolution(x, tape), tape) } ?? x
    return Elementwise.relu(Elementwise.sum(main, side, tape), tape)
  }
}
