import SpiderCore
import SpiderTensor

/// All that belongs to one view: the encoder of its X-ray, the links from 2D to 3D, and its decoder.
/// Its volumes are in the view's own order (depth, rows, columns).
struct ViewBranch {
  private let name: String
  private let encoder: ViewEncoder
  private let baseLink: LinearLayer
  private let baseShape: [Int]
  /// By the level of the feature map, 0 to 4.
  private let links: [DimensionLink]
  /// From level -1 on.
  private let joins: [VolumeBlock]
  private let levels: [DecoderLevel]
  private let head: OutputHead

  init(
    _ name: String, _ c: X2CTConfiguration, _ variant: X2CTVariant, _ builder: inout LayerBuilder
  ) {
    self.name = name
    let coarsest = X2CTConfiguration.coarsest
    encoder = ViewEncoder(name, c, variant.encoderNorm, &builder)
    let side = c.coarsestSide
    baseShape = [c.channels(coarsest), side, side, side]
    baseLink = LinearLayer(
      "\(name).base_link.0", inputs: encoder.channels[coarsest + 1],
      outputs: baseShape.reduce(1, *), &builder)
    let channels = encoder.channels
    links = (0...coarsest).map {
      DimensionLink(
        "\(name).linker_layer\($0)", inputChannels: channels[$0],
        outputChannels: c.channels($0 - 1), variant, &builder)
    }
    joins = (-1..<coarsest).map {
      VolumeBlock(
        "\(name).decoder_compress_layer\($0)", inputChannels: 2 * c.channels($0),
        outputChannels: c.channels($0), variant.decoderNorm, &builder)
    }
    levels = (-1...coarsest).map {
      DecoderLevel(
        "\(name).decoder_layer\($0)", channels: c.channels($0),
        convolutions: c.decoderBlocks[$0 + 1], next: $0 < 0 ? nil : c.channels($0 - 1),
        variant.decoderNorm, &builder)
    }
    head = OutputHead("\(name).decoder_layer", inputChannels: c.channels(-1), &builder)
  }

  /// The feature maps of an X-ray.
  func encode(_ image: Activation, _ tape: Tape) -> [Activation] { encoder(image, tape) }

  /// What enters a level: at the coarsest the volume made of the X-ray's summary (connection A), else
  /// what the last level gave, joined with the linked feature map of its size.
  func enter(
    _ level: Int, _ previous: Activation?, _ features: [Activation], _ tape: Tape
  ) -> Activation {
    guard let previous else {
      // Published in front of the positive part, where it does the same.
      let base = tape.dropout(baseLink(features[level + 1], tape))
      tape.tap("\(name).base_link", base)
      return Elementwise.reshaped(base, [base.shape[0]] + baseShape, tape)
    }
    let (linker, map) = (links[level + 1], features[level + 1])
    if tape.isPlain, let slices = linker.slices(map, tape) {
      return joins[level + 1].joining(previous, slices: slices, tape)
    }
    let link = linker(map, tape)
    tape.tap("\(name).linker_layer\(level + 1)", link)
    let joined = joins[level + 1].joining(previous, link, tape)
    tape.tap("\(name).decoder_compress_layer\(level)", joined)
    return joined
  }

  /// Runs a level.
  func decode(_ level: Int, _ x: Activation, _ tape: Tape) -> Activation {
    levels[level + 1](x, tape)
  }

  /// The view's own volume, which the published training leaves alone.
  func finish(_ x: Activation, _ tape: Tape) -> Activation { head(x, tape) }
}
