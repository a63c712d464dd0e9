import SpiderCore
import SpiderTensor

/// A chain of layers, each of which sees all that came before and adds `growth` channels behind it
/// (Huang et al., DenseNet, 2017): normalise, 1x1 convolution, normalise, 3x3 convolution.
struct DenseBlock {
  private struct Layer {
    let norm1: Normalization
    let conv1: TapedConvolution
    let norm2: Normalization
    let conv2: TapedConvolution

    func callAsFunction(_ x: Activation, _ tape: Tape) -> Activation {
      conv2(norm2(conv1(norm1(x, tape), tape), tape), tape)
    }
  }

  private let layers: [Layer]
  /// Channels that come out.
  let outputChannels: Int

  init(
    _ name: String, inputChannels: Int, layers count: Int, growth: Int, bottleneck: Int,
    _ norm: Normalization.Kind, _ builder: inout LayerBuilder
  ) {
    var channels = inputChannels
    layers = (0..<count).map { index in
      let path = "\(name).conv_block.\(index)"
      let hasBias = norm == .instance
      defer { channels += growth }
      return Layer(
        norm1: Normalization("\(path).norm1", norm, channels: channels, &builder),
        conv1: TapedConvolution(
          image: "\(path).conv1", inputChannels: channels, outputChannels: bottleneck * growth,
          kernel: 1,
          hasBias: hasBias, &builder),
        norm2: Normalization("\(path).norm2", norm, channels: bottleneck * growth, &builder),
        conv2: TapedConvolution(
          image: "\(path).conv2", inputChannels: bottleneck * growth, outputChannels: growth,
          hasBias: hasBias, &builder))
    }
    outputChannels = channels
  }

  func callAsFunction(_ x: Activation, _ tape: Tape) -> Activation {
    layers.reduce(x) { Channels.joined([$0, $1($0, tape)], tape) }
  }
}
