import SpiderCore
import SpiderTensor

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
