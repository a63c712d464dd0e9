/// A 3D convolution (cross-correlation, as the field means it) with zero padding and the same kernel,
/// stride and padding along each axis.
///
/// Volumes are (N, C, D, H, W).
package struct Convolution3D: Sendable {
  /// Channels in.
  package let inputChannels: Int
  /// Channels out.
  package let outputChannels: Int
  /// Width of the kernel, K.
  package let kernel: Int
  /// Step between windows.
  package let stride: Int
  /// Zeros added on each side.
  package let padding: Int
  /// (C out, C in, K, K, K).
  package let weight: Parameter
  /// (C out), or nil where a normalisation follows.
  package let bias: Parameter?

  /// Builds the layer and adds its parameters to the layout under `name`. The weights are drawn as by
  /// He et al. where no initializer is given.
  package init(
    _ name: String, inputChannels: Int, outputChannels: Int, kernel: Int = 3, stride: Int = 1,
    padding: Int? = nil, hasBias: Bool = true,
    initializer: Initializer? = nil, layout: inout ParameterLayout
  ) {
    self.inputChannels = inputChannels
    self.outputChannels = outputChannels
    self.kernel = kernel
    self.stride = stride
    self.padding = padding ?? kernel / 2
    weight = layout.add(
      "\(name).weight", [outputChannels, inputChannels, kernel, kernel, kernel],
      initializer ?? .he(inputs: inputChannels * kernel * kernel * kernel))
    bias = hasBias ? layout.add("\(name).bias", [outputChannels], .constant(0)) : nil
  }

  /// The sizes for volumes of an extent.
  package func shape(of input: Extent3D) -> ConvolutionShape3D {
    ConvolutionShape3D(
      inputChannels: inputChannels, outputChannels: outputChannels, input: input,
      kernel: Extent3D(kernel), stride: Extent3D(stride), padding: Extent3D(padding))
  }

  /// (N, C in, D, H, W) to (N, C out, D', H', W').
  package func forward(_ input: Tensor, _ parameters: ParameterArena) -> Tensor {
    let plan = plan(for: input, channels: inputChannels)
    let s = plan.shape
    var output = Tensor(uninitialized: [
      plan.images, outputChannels, s.output.depth, s.output.height, s.output.width,
    ])
    plan.forward(
      input.slice, weights: parameters[weight], bias: bias.map { parameters[$0] },
      into: output.mutableSlice(), scratch: .scratch(plan.forwardScratchCount))
    return output
  }

  /// The gradient of the input from that of the output; adds the parameters' gradients to the pool.
  /// Without `needsInputGradient` (the first layer) the result is nil.
  package func backward(
    _ gradient: Tensor, input: Tensor, _ parameters: ParameterArena, _ pool: GradientPool,
    needsInputGradient: Bool = true, needsParameterGradients: Bool = true
  ) -> Tensor? {
    let plan = plan(for: input, channels: inputChannels)
    let scratch = FloatSlice.scratch(plan.scratchCount)
    if needsParameterGradients {
      plan.backwardWeights(
        gradient.slice, input: input.slice, addingTo: pool.slice(weight, worker: 0),
        scratch: scratch)
      if let bias {
        plan.backwardBias(gradient.slice, addingTo: pool.slice(bias, worker: 0))
      }
    }
    guard needsInputGradient else { return nil }
    var inputGradient = Tensor(uninitialized: input.shape)
    plan.backwardData(
      gradient.slice, weights: parameters[weight], into: inputGradient.mutableSlice(),
      scratch: scratch)
    return inputGradient
  }

  /// The plan for volumes of so many of the channels.
  func plan(for input: Tensor, channels: Int) -> ConvolutionPlan3D {
    precondition(
      input.shape.count == 5 && input.shape[1] == channels,
      "volumes of shape \(input.shape) for \(channels) channels")
    let extent = Extent3D(
      depth: input.shape[2], height: input.shape[3], width: input.shape[4])
    return ConvolutionPlan3D(
      ConvolutionShape3D(
        inputChannels: channels, outputChannels: outputChannels, input: extent,
        kernel: Extent3D(kernel), stride: Extent3D(stride), padding: Extent3D(padding)),
      images: input.shape[0])
  }
}
