import SpiderCore
import SpiderTensor

/// The 2D encoder of one X-ray: a first convolution and five stages. No stage's output is dropped: the
/// links to the decoder take them all.
struct ViewEncoder {
  private let name: String
  private let pad = ReflectionPad(width: 3)
  private let first: (convolution: TapedConvolution, norm: Normalization)
  private let stages: [EncoderStage]
  /// Channels of the first convolution and of each stage.
  let channels: [Int]

  init(
    _ name: String, _ c: X2CTConfiguration, _ kind: Normalization.Kind,
    _ builder: inout LayerBuilder
  ) {
    self.name = name
    first = (
      TapedConvolution(
        image: "\(name).encoder_layer.1", inputChannels: 1, outputChannels: c.encoderFirst,
        kernel: 7,
        padding: 0, hasBias: kind == .instance, &builder),
      Normalization("\(name).encoder_layer.2", kind, channels: c.encoderFirst, &builder)
    )
    var channels = [c.encoderFirst]
    stages = c.encoderBlocks.enumerated().map { index, layers in
      let stage = EncoderStage(
        "\(name).encoder_layer\(index)", inputChannels: channels[index], layers: layers,
        isLast: index == c.encoderBlocks.count - 1, c, kind, &builder)
      channels.append(stage.outputChannels)
      return stage
    }
    self.channels = channels
  }

  /// An X-ray (N, 1, S, S) to the outputs of the first convolution (S^2) and of each stage
  /// ((S/2)^2 ... (S/16)^2, 1).
  func callAsFunction(_ image: Activation, _ tape: Tape) -> [Activation] {
    var features = [first.norm(first.convolution(pad(image, tape), tape), tape)]
    tape.tap("\(name).encoder_layer", features[0])
    for (index, stage) in stages.enumerated() {
      features.append(stage(features[index], tape))
      tape.tap("\(name).encoder_layer\(index)", features[index + 1])
    }
    return features
  }
}

/// One stage of a view's encoder: halves the image, a dense block, and a transition to half the
/// channels; the last stage ends in the mean of each channel instead.
struct EncoderStage {
  let norm: Normalization
  let down: TapedConvolution
  let block: DenseBlock
  /// Nil in the last stage.
  let transition: (norm: Normalization, convolution: TapedConvolution)?
  /// Channels that come out.
  let outputChannels: Int

  init(
    _ name: String, inputChannels: Int, layers: Int, isLast: Bool, _ c: X2CTConfiguration,
    _ kind: Normalization.Kind, _ builder: inout LayerBuilder
  ) {
    norm = Normalization("\(name).0", kind, channels: inputChannels, &builder)
    down = TapedConvolution(
      image: "\(name).2", inputChannels: inputChannels, outputChannels: inputChannels, stride: 2,
      hasBias: kind == .instance, &builder)
    block = DenseBlock(
      "\(name).3", inputChannels: inputChannels, layers: layers, growth: c.growthRate,
      bottleneck: c.bottleneck, kind, &builder)
    outputChannels = isLast ? block.outputChannels : block.outputChannels / 2
    transition =
      isLast
      ? nil
      : (
        Normalization("\(name).4", kind, channels: block.outputChannels, &builder),
        TapedConvolution(
          image: "\(name).6", inputChannels: block.outputChannels, outputChannels: outputChannels,
          kernel: 1, hasBias: kind == .instance, &builder)
      )
  }

  /// (N, C, H, W) to (N, C', H/2, W/2), or (N, C', 1, 1).
  func callAsFunction(_ x: Activation, _ tape: Tape) -> Activation {
    let dense = block(down(norm(x, tape), tape), tape)
    guard let transition else { return GlobalMean.of(dense, tape) }
    return transition.convolution(transition.norm(dense, tape), tape)
  }
}

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
