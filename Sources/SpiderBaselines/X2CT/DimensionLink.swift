import SpiderCore
import SpiderSupport
import SpiderTensor

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
