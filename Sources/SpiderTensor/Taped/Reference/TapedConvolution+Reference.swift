import SpiderCore
import SpiderTensor

extension ImageConvolution {
  /// The convolution in double precision.
  func reference(_ x: Activation, _ pass: Pass) -> Activation {
    let s = layer.shape(height: x.shape[2], width: x.shape[3])
    let shape = ConvolutionShape3D(
      inputChannels: s.inputChannels, outputChannels: s.outputChannels,
      input: Extent3D(depth: 1, height: s.height, width: s.width),
      kernel: Extent3D(depth: 1, height: s.kernel, width: s.kernel),
      stride: Extent3D(depth: 1, height: s.stride, width: s.stride),
      padding: Extent3D(depth: 0, height: s.padding, width: s.padding))
    return ReferenceConvolution(shape: shape, images: x.shape[0]).layer(
      x, layer.weight, layer.bias, to: [shape.outputChannels, s.outputHeight, s.outputWidth], pass)
  }
}

extension VolumeConvolution {
  /// The convolution in double precision.
  func reference(_ x: Activation, _ pass: Pass) -> Activation {
    let extent = Extent3D(depth: x.shape[2], height: x.shape[3], width: x.shape[4])
    switch layer {
    case .plain(let layer):
      let shape = layer.shape(of: extent)
      return ReferenceConvolution(shape: shape, images: x.shape[0]).layer(
        x, layer.weight, layer.bias,
        to: [shape.outputChannels, shape.output.depth, shape.output.height, shape.output.width],
        pass)
    case .transposed(let layer):
      let shape = layer.shape(of: extent)
      return ReferenceConvolution(shape: shape, images: x.shape[0]).transposedLayer(
        x, layer.weight, layer.bias,
        to: [shape.inputChannels, shape.input.depth, shape.input.height, shape.input.width], pass)
    }
  }
}

extension ReferenceConvolution {
  /// A convolution as a layer.
  fileprivate func layer(
    _ x: Activation, _ weight: Parameter, _ bias: Parameter?, to shape: [Int], _ pass: Pass
  ) -> Activation {
    let (from, w) = (x.exact, pass.exact(weight))
    var y = forward(from, w)
    if let bias { ReferenceBias.add(pass.exact(bias), to: &y, images: images) }
    let output = Activation([images] + shape, exact: y)
    pass.recordExact(output) { gradient, add in
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
    _ x: Activation, _ weight: Parameter, _ bias: Parameter?, to shape: [Int], _ pass: Pass
  ) -> Activation {
    let (from, w) = (x.exact, pass.exact(weight))
    var y = backwardData(from, w)
    if let bias { ReferenceBias.add(pass.exact(bias), to: &y, images: images) }
    let output = Activation([images] + shape, exact: y)
    pass.recordExact(output) { gradient, add in
      add(weight, backwardWeights(from, gradient))
      if let bias {
        add(bias, ReferenceBias.gradient(gradient, channels: bias.count, images: images))
      }
      x.add(exact: forward(gradient, w))
    }
    return output
  }
}
