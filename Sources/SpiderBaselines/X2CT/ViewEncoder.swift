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
