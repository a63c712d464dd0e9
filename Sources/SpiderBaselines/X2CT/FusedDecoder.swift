import SpiderCore
import SpiderTensor

/// The decoder of the average of both views, in CT order. At each level but the coarsest the average
/// comes first, what the last level gave second.
struct FusedDecoder {
  /// From level -1 on.
  private let levels: [DecoderLevel]
  private let head: OutputHead

  init(_ c: X2CTConfiguration, _ variant: X2CTVariant, _ builder: inout LayerBuilder) {
    levels = (-1...X2CTConfiguration.coarsest).map {
      DecoderLevel(
        "decoder_layer\($0)", channels: c.channels($0), convolutions: c.fusedDecoderBlocks[$0 + 1],
        joins: $0 < X2CTConfiguration.coarsest, next: $0 < 0 ? nil : c.channels($0 - 1),
        variant.decoderNorm, &builder)
    }
    head = OutputHead("decoder_layer", inputChannels: c.channels(-1), &builder)
  }

  /// Runs a level.
  func decode(
    _ level: Int, _ average: consuming Activation, _ previous: consuming Activation?, _ tape: Tape
  ) -> Activation {
    levels[level + 1](average, joinedWith: previous, tape)
  }

  /// The reconstruction.
  func finish(_ x: Activation, _ tape: Tape) -> Activation { head(x, tape) }
}

/// One level of a decoder, of a view or the fused one: some convolutions, then the step to the next
/// finer level, which the finest has not.
struct DecoderLevel {
  private let name: String
  private let blocks: [VolumeBlock]

  /// `joins` says that the first convolution brings twice the channels to `channels`.
  init(
    _ name: String, channels: Int, convolutions: Int, joins: Bool = false, next: Int?,
    _ norm: Normalization.Kind, _ builder: inout LayerBuilder
  ) {
    self.name = name
    var blocks: [VolumeBlock] = []
    for index in 0..<convolutions + (joins ? 1 : 0) {
      // A block is three entries of the published list: convolution, normalisation, positive part.
      blocks.append(
        VolumeBlock(
          name, at: 3 * index, inputChannels: joins && index == 0 ? 2 * channels : channels,
          outputChannels: channels, norm, &builder))
    }
    if let next {
      blocks.append(
        VolumeBlock(
          doubling: "\(name).\(3 * blocks.count).block.block", inputChannels: channels,
          outputChannels: next, norm, &builder))
    }
    self.blocks = blocks
  }

  /// (N, C, S, S, S) to (N, C', 2S, 2S, 2S), or the same size at the finest level. A second volume of the
  /// same size is joined with the first, behind it. In use every volume goes as soon as it has been read.
  func callAsFunction(
    _ x: consuming Activation, joinedWith second: consuming Activation? = nil, _ tape: Tape
  ) -> Activation {
    var rest = blocks[...]
    if let other = second.take(), let join = rest.popFirst() { x = join.joining(x, other, tape) }
    for block in rest { x = block(x, tape) }
    tape.tap(name, x)
    return x
  }
}

/// The last convolution of a decoder, of kernel 7, and the positive part.
struct OutputHead {
  let convolution: TapedConvolution

  init(_ name: String, inputChannels: Int, _ builder: inout LayerBuilder) {
    convolution = TapedConvolution(
      volume: "\(name).0", inputChannels: inputChannels, outputChannels: 1, kernel: 7, &builder)
  }

  /// (N, C, S, S, S) to (N, 1, S, S, S).
  func callAsFunction(_ x: Activation, _ tape: Tape) -> Activation {
    Elementwise.relu(convolution(x, tape), tape)
  }
}
