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
