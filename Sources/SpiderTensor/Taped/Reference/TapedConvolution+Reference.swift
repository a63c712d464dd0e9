extension TapedConvolution {
  /// The convolution in double precision.
  func reference(_ x: Activation, _ tape: Tape) -> Activation {
    let size = Array(x.shape[2...])
    let flat = size.count == 2
    let extent = Extent3D(
      depth: flat ? 1 : size[0], height: size[size.count - 2], width: size[size.count - 1])
    func axes(_ extent: Extent3D) -> [Int] {
      (flat ? [] : [extent.depth]) + [extent.height, extent.width]
    }
    switch layer {
    case .plain(let layer):
      let shape = layer.shape(of: extent)
      return ConvolutionReference(shape, images: x.shape[0]).layer(
        x, layer.weight, layer.bias, to: [shape.outputChannels] + axes(shape.output), tape)
    case .transposed(let layer):
      let shape = layer.shape(of: extent)
      return ConvolutionReference(shape, images: x.shape[0]).transposedLayer(
        x, layer.weight, layer.bias, to: [shape.inputChannels] + axes(shape.input), tape)
    }
  }
}

extension ConvolutionReference {
  /// A convolution as a layer.
  fileprivate func layer(
    _ x: Activation, _ weight: Parameter, _ bias: Parameter?, to shape: [Int], _ tape: Tape
  ) -> Activation {
    let (from, w) = (x.exact, tape.exact(weight))
    var y = forward(from, w)
    if let bias { ReferenceBias.add(tape.exact(bias), to: &y, images: images) }
    let output = Activation([images] + shape, exact: y)
    tape.recordExact(output) { gradient, add in
      add(weight, backwardWeights(gradient, from))
      if let bias {
        add(bias, ReferenceBias.gradient(gradient, channels: bias.count, images: images))
      }
      if !x.isConstant { x.add(exact: backwardData(gradient, w)) }
    }
    return output
  }

  /// Its adjoint as a layer.
  fileprivate func transposedLayer(
    _ x: Activation, _ weight: Parameter, _ bias: Parameter?, to shape: [Int], _ tape: Tape
  ) -> Activation {
    let (from, w) = (x.exact, tape.exact(weight))
    var y = backwardData(from, w)
    if let bias { ReferenceBias.add(tape.exact(bias), to: &y, images: images) }
    let output = Activation([images] + shape, exact: y)
    tape.recordExact(output) { gradient, add in
      add(weight, backwardWeights(from, gradient))
      if let bias {
        add(bias, ReferenceBias.gradient(gradient, channels: bias.count, images: images))
      }
      x.add(exact: forward(gradient, w))
    }
    return output
  }
}
