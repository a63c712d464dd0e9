import SpiderCore

/// Connection B: carries a feature map into the view's volume by repeating it along the rays, which
/// the network takes to be parallel.
struct DimensionLink {
  let compress: (convolution: ImageConvolution, norm: Normalization)
  let block: VolumeBlock

  init(
    _ name: String, inputChannels: Int, outputChannels: Int, _ variant: X2CTVariant,
    _ builder: inout LayerBuilder
  ) {
    let path = "\(name).0"
    compress = (
      ImageConvolution(
        "\(path).compress_block.0", inputChannels: inputChannels, outputChannels: outputChannels,
        kernel: 1, hasBias: variant.encoderNorm == .instance, &builder),
      Normalization(
        "\(path).compress_block.1", variant.encoderNorm, channels: outputChannels, &builder)
    )
    block = VolumeBlock(
      "\(path).conv_block", inputChannels: outputChannels, outputChannels: outputChannels,
      variant.decoderNorm, &builder)
  }

  /// (N, C, S, S) to (N, C', S, S, S), in the view's order (depth, rows, columns).
  func callAsFunction(_ x: Activation, _ pass: Pass) -> Activation {
    block(
      Self.repeated(compress.norm(compress.convolution(x, pass), pass), depth: x.shape[2], pass),
      pass)
  }

  /// (N, C, H, W) to (N, C, depth, H, W): every slice the same.
  static func repeated(_ x: Activation, depth: Int, _ pass: Pass) -> Activation {
    let s = x.shape
    let plane = s[2] * s[3]
    if pass.isReference {
      let places = (0..<s[0] * s[1] * depth * plane).map {
        $0 / (depth * plane) * plane + $0 % plane
      }
      return Reference.taken(places, of: x, [s[0], s[1], depth, s[2], s[3]], pass)
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
    pass.record(output) { gradient, _ in
      var inputGradient = Tensor(s)
      let (up, sums) = (gradient.slice, inputGradient.mutableSlice())
      Parallel.forEachWorker(splitting: s[0] * s[1]) { _, range in
        for item in range {
          for slice in 0..<depth {
            Kernels.add(
              up.part((item * depth + slice) * plane, plane), to: sums.part(item * plane, plane))
          }
        }
      }
      x.add(inputGradient)
    }
    return output
  }
}
