import SpiderCore

/// A 3D convolution, a normalisation and the positive part: what the decoders are made of.
struct VolumeBlock {
  let convolution: VolumeConvolution
  let normalization: Normalization

  func callAsFunction(_ x: Activation, _ pass: Pass) -> Activation {
    guard !pass.isRecording else { return normalization(convolution(x, pass), pass) }
    // In use nothing else reads the convolution's output: no second copy of a large volume.
    var y = convolution.forward(x.value, pass)
    normalization.apply(to: &y, pass)
    return Activation(y)
  }
}

extension VolumeBlock {
  /// A block of kernel 3 that keeps the size, named as entries `index` and `index` + 1 of a list.
  init(
    _ name: String, at index: Int = 0, inputChannels: Int, outputChannels: Int,
    _ norm: Normalization.Kind, _ builder: inout LayerBuilder
  ) {
    convolution = VolumeConvolution(
      "\(name).\(index)", inputChannels: inputChannels, outputChannels: outputChannels,
      hasBias: norm == .instance, &builder)
    normalization = Normalization(
      "\(name).\(index + 1)", norm, channels: outputChannels, &builder)
  }

  /// A block whose transposed convolution doubles each axis.
  init(
    doubling name: String, inputChannels: Int, outputChannels: Int, _ norm: Normalization.Kind,
    _ builder: inout LayerBuilder
  ) {
    convolution = VolumeConvolution(
      doubling: "\(name).0", inputChannels: inputChannels, outputChannels: outputChannels,
      hasBias: norm == .instance, &builder)
    normalization = Normalization("\(name).1", norm, channels: outputChannels, &builder)
  }
}
