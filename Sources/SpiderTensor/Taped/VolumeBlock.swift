/// A 3D convolution, a normalisation and ReLU: what the decoders are made of.
package struct VolumeBlock {
  package let convolution: TapedConvolution
  package let normalization: Normalization

  package func callAsFunction(_ x: Activation, _ tape: Tape) -> Activation {
    guard !tape.isRecording else { return normalization(convolution(x, tape), tape) }
    // In use nothing else reads the convolution's output: no second copy of a large volume.
    var y = convolution.forward(x.value, tape)
    normalization.apply(to: &y, tape)
    return Activation(y)
  }
}

extension VolumeBlock {
  /// A block of kernel 3 that keeps the size, named as entries `index` and `index` + 1 of a list.
  package init(
    _ name: String, at index: Int = 0, inputChannels: Int, outputChannels: Int,
    _ norm: Normalization.Kind, _ builder: inout LayerBuilder
  ) {
    convolution = TapedConvolution(
      volume: "\(name).\(index)", inputChannels: inputChannels, outputChannels: outputChannels,
      hasBias: norm == .instance, &builder)
    normalization = Normalization(
      "\(name).\(index + 1)", norm, channels: outputChannels, &builder)
  }

  /// A block whose transposed convolution doubles each axis.
  package init(
    doubling name: String, inputChannels: Int, outputChannels: Int, _ norm: Normalization.Kind,
    _ builder: inout LayerBuilder
  ) {
    convolution = TapedConvolution(
      doubling: "\(name).0", inputChannels: inputChannels, outputChannels: outputChannels,
      hasBias: norm == .instance, &builder)
    normalization = Normalization("\(name).1", norm, channels: outputChannels, &builder)
  }
}
