import SpiderCore
import SpiderSupport
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

/// Connection B: carries a feature map into the view's volume by repeating it along the rays, which
/// the network takes to be parallel.
struct DimensionLink {
  let compress: (convolution: TapedConvolution, norm: Normalization)
  let block: VolumeBlock

  init(
    _ name: String, inputChannels: Int, outputChannels: Int, _ variant: X2CTVariant,
    _ builder: inout LayerBuilder
  ) {
    let path = "\(name).0"
    compress = (
      TapedConvolution(
        image: "\(path).compress_block.0", inputChannels: inputChannels,
        outputChannels: outputChannels,
        kernel: 1, hasBias: variant.encoderNorm == .instance, &builder),
      Normalization(
        "\(path).compress_block.1", variant.encoderNorm, channels: outputChannels, &builder)
    )
    block = VolumeBlock(
      "\(path).conv_block", inputChannels: outputChannels, outputChannels: outputChannels,
      variant.decoderNorm, &builder)
  }

  /// (N, C, S, S) to (N, C', S, S, S), in the view's order (depth, rows, columns).
  func callAsFunction(_ x: Activation, _ tape: Tape) -> Activation {
    let (flat, depth) = (compress.norm(compress.convolution(x, tape), tape), x.shape[2])
    guard depth > 3, !tape.isReference else {
      return block(Self.repeated(flat, depth: depth, tape), tape)
    }
    // Where every slice is the same, so is what a kernel of three makes of them, but for the first and
    // the last, which have zeros beside them: three slices tell all.
    let slices = block.convolution(Self.repeated(flat, depth: 3, tape), tape)
    guard !tape.isRecording else {
      return block.normalization(RepeatedSlices.thickened(slices, depth: depth, tape), tape)
    }
    var volume = RepeatedSlices.thickened(slices.value, depth: depth)
    block.normalization.apply(to: &volume, tape)
    return Activation(volume)
  }

  /// The five slices that tell all of the same volume, (N, C', 5, S, S): the first two, any between, and
  /// the last two. Nil where there are no more than five.
  func slices(_ x: Activation, _ tape: Tape) -> Tensor? {
    let depth = x.shape[2]
    guard depth > 5 else { return nil }
    let flat = compress.norm(compress.convolution(x, tape), tape)
    var slices = block.convolution.forward(Self.repeated(flat, depth: 3, tape).value, tape)
    block.normalization.apply(to: &slices, standingFor: depth, tape)
    return RepeatedSlices.thickened(slices, depth: 5)
  }

  /// (N, C, H, W) to (N, C, depth, H, W): every slice the same.
  static func repeated(_ x: Activation, depth: Int, _ tape: Tape) -> Activation {
    let s = x.shape
    let plane = s[2] * s[3]
    if tape.isReference {
      let places = (0..<s[0] * s[1] * depth * plane).map {
        $0 / (depth * plane) * plane + $0 % plane
      }
      return Reference.taken(places, of: x, [s[0], s[1], depth, s[2], s[3]], tape)
    }
    var y = Tensor(uninitialized: [s[0], s[1], depth, s[2], s[3]])
    let (from, to) = (x.value.slice, y.mutableSlice())
    Parallel.forEachWorker(splitting: s[0] * s[1]) { _, range in
      for item in range {
        for slice in 0..<depth {
          to.part((item * depth + slice) * plane, plane).copy(from: from.part(item * plane, plane))
        }
      }
    }
    let output = Activation(y)
    tape.record(output) { gradient, _ in
      var inputGradient = Tensor(s)
      let (up, sums) = (gradient.slice, inputGradient.mutableSlice())
      Parallel.forEachWorker(splitting: s[0] * s[1]) { _, range in
        for item in range {
          for slice in 0..<depth {
            Elements.add(
              up.part((item * depth + slice) * plane, plane), to: sums.part(item * plane, plane))
          }
        }
      }
      x.add(inputGradient)
    }
    return output
  }
}
