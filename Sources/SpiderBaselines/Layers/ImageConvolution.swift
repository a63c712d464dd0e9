import SpiderCore
import SpiderTensor

/// A 2D convolution as a layer of a pass: (N, C in, H, W) to (N, C out, H', W').
struct ImageConvolution {
  let layer: Convolution2D
  private let smallImages: ConvolutionPath?

  init(
    _ name: String, inputChannels: Int, outputChannels: Int, kernel: Int = 3, stride: Int = 1,
    padding: Int? = nil, hasBias: Bool = true, _ builder: inout LayerBuilder
  ) {
    smallImages = builder.smallImages
    layer = Convolution2D(
      name, inputChannels: inputChannels, outputChannels: outputChannels, kernel: kernel,
      stride: stride, padding: padding,
      hasBias: builder.has("\(name).bias", otherwise: hasBias), initializer: builder.initializer,
      layout: &builder.layout)
  }

  func callAsFunction(_ x: Activation, _ pass: Pass) -> Activation {
    if pass.isReference { return reference(x, pass) }
    let output = Activation(forward(x.value, pass))
    pass.record(output) { gradient, pool in
      let plan = plan(x.value)
      var inputGradient = x.isConstant ? nil : Tensor(uninitialized: x.shape)
      layer.backward(
        gradient.images, input: x.value.images, plan, pass.parameters, pool,
        into: inputGradient?.mutableImages(), needsParameterGradients: pass.isTraining,
        scratch: .scratch(plan.scratchCount))
      if let inputGradient { x.add(inputGradient) }
    }
    return output
  }

  /// The numbers alone, for blocks that work on in their place.
  func forward(_ x: Tensor, _ pass: Pass) -> Tensor {
    let plan = plan(x)
    var y = Tensor(uninitialized: [
      x.shape[0], layer.outputChannels, plan.shape.outputHeight, plan.shape.outputWidth,
    ])
    layer.forward(
      x.images, plan, pass.parameters, into: y.mutableImages(),
      scratch: .scratch(plan.forwardScratchCount))
    return y
  }

  private func plan(_ x: Tensor) -> ConvolutionPlan2D {
    let shape = layer.shape(height: x.shape[2], width: x.shape[3])
    let isSmall = shape.kernel > 1 && shape.height * shape.width <= 64 * 64
    return ConvolutionPlan2D(shape, images: x.shape[0], path: isSmall ? smallImages : nil)
  }
}
