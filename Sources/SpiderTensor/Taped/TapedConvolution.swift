/// A convolution, or a transposed one of volumes, as a layer of a tape: (N, C in, H, W) to
/// (N, C out, H', W'), or the same of volumes (N, C, D, H, W).
package struct TapedConvolution {
  package enum Layer {
    case plain(Convolution)
    case transposed(TransposedConvolution)
  }
  package let layer: Layer
  private let smallImages: ConvolutionPath?

  /// The layer, where it is no transposed one.
  package var plain: Convolution? {
    if case .plain(let layer) = layer { layer } else { nil }
  }

  /// A convolution of images; it keeps the size where nothing else is said.
  package init(
    image name: String, inputChannels: Int, outputChannels: Int, kernel: Int = 3, stride: Int = 1,
    padding: Int? = nil, hasBias: Bool = true, _ builder: inout LayerBuilder
  ) {
    self.init(
      name, over: .images, inputChannels: inputChannels, outputChannels: outputChannels,
      kernel: kernel, stride: stride, padding: padding, hasBias: hasBias, &builder)
  }

  /// A convolution of volumes; it keeps the size where nothing else is said.
  package init(
    volume name: String, inputChannels: Int, outputChannels: Int, kernel: Int = 3, stride: Int = 1,
    padding: Int? = nil, hasBias: Bool = true, _ builder: inout LayerBuilder
  ) {
    self.init(
      name, over: .volumes, inputChannels: inputChannels, outputChannels: outputChannels,
      kernel: kernel, stride: stride, padding: padding, hasBias: hasBias, &builder)
  }

  private init(
    _ name: String, over domain: Convolution.Domain, inputChannels: Int, outputChannels: Int,
    kernel: Int, stride: Int, padding: Int?, hasBias: Bool, _ builder: inout LayerBuilder
  ) {
    smallImages = builder.smallImages
    layer = .plain(
      Convolution(
        name, over: domain, inputChannels: inputChannels, outputChannels: outputChannels,
        kernel: kernel, stride: stride, padding: padding,
        hasBias: builder.has("\(name).bias", otherwise: hasBias), initializer: builder.initializer,
        layout: &builder.layout))
  }

  /// The transposed convolution of kernel 3 that doubles each axis of a volume.
  package init(
    doubling name: String, inputChannels: Int, outputChannels: Int, hasBias: Bool = true,
    _ builder: inout LayerBuilder
  ) {
    smallImages = nil
    layer = .transposed(
      TransposedConvolution(
        name, inputChannels: inputChannels, outputChannels: outputChannels, kernel: 3, stride: 2,
        padding: 1, outputPadding: 1, hasBias: builder.has("\(name).bias", otherwise: hasBias),
        initializer: builder.initializer, layout: &builder.layout))
  }

  package func callAsFunction(_ x: Activation, _ tape: Tape) -> Activation {
    if tape.isReference { return reference(x, tape) }
    let output = Activation(forward(x.value, tape))
    tape.record(output) { gradient, pool in
      let inputGradient =
        switch layer {
        case .plain(let layer):
          layer.backward(
            gradient, input: x.value, tape.parameters, pool, path: path(layer, x.shape),
            needsInputGradient: !x.isConstant, needsParameterGradients: tape.isTraining)
        case .transposed(let layer):
          layer.backward(
            gradient, input: x.value, tape.parameters, pool, needsInputGradient: !x.isConstant)
        }
      if let inputGradient { x.add(inputGradient) }
    }
    return output
  }

  /// The numbers alone, for blocks that work on in their place.
  package func forward(_ x: Tensor, _ tape: Tape) -> Tensor {
    switch layer {
    case .plain(let layer): layer.forward(x, tape.parameters, path: path(layer, x.shape))
    case .transposed(let layer): layer.forward(x, tape.parameters)
    }
  }

  /// How a convolution is computed where that is not left to the shape: see
  /// ``LayerBuilder/smallImages``.
  private func path(_ layer: Convolution, _ shape: [Int]) -> ConvolutionPath? {
    let isSmall =
      layer.domain == .images && layer.kernel > 1 && shape[2] * shape[3] <= 64 * 64
    return isSmall ? smallImages : nil
  }
}

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
