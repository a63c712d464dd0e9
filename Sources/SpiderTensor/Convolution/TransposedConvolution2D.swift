/// A transposed 2D convolution: the adjoint of a strided convolution, plus a bias. It enlarges.
///
/// Images are (N, C, H, W). An axis of n pixels becomes (n - 1) stride - 2 padding + kernel +
/// outputPadding. The forward pass is the convolution's gradient of the input, and the other way round.
package struct TransposedConvolution2D: Sendable {
  /// Channels in.
  package let inputChannels: Int
  /// Channels out.
  package let outputChannels: Int
  /// Width of the kernel, K.
  package let kernel: Int
  /// Step between the places where the kernel is laid down.
  package let stride: Int
  /// Pixels cut off on each side.
  package let padding: Int
  /// Pixels added at the far end of each axis, fewer than `stride`: they settle which of the input
  /// sizes of the strided convolution is meant.
  package let outputPadding: Int
  /// (C in, C out, K, K).
  package let weight: Parameter
  /// (C out), or nil where a normalisation follows.
  package let bias: Parameter?

  /// Builds the layer and adds its parameters to the layout under `name`.
  package init(
    _ name: String, inputChannels: Int, outputChannels: Int, kernel: Int = 4, stride: Int = 2,
    padding: Int = 1, outputPadding: Int = 0, hasBias: Bool = true, layout: inout ParameterLayout
  ) {
    self.inputChannels = inputChannels
    self.outputChannels = outputChannels
    self.kernel = kernel
    self.stride = stride
    self.padding = padding
    self.outputPadding = outputPadding
    // Each output pixel sums over about K^2 / stride^2 taps of every input channel.
    let reached = max(1, kernel / stride)
    weight = layout.add(
      "\(name).weight", [inputChannels, outputChannels, kernel, kernel],
      .he(inputs: inputChannels * reached * reached))
    bias = hasBias ? layout.add("\(name).bias", [outputChannels], .constant(0)) : nil
  }

  /// The sizes of the convolution whose adjoint this is, for input images of an extent of depth 1.
  package func shape(of input: Extent3D) -> ConvolutionShape3D {
    ConvolutionShape3D(
      transposing: input, inputChannels: inputChannels, outputChannels: outputChannels,
      kernel: Extent3D(image: kernel, depth: 1), stride: Extent3D(image: stride, depth: 1),
      padding: Extent3D(image: padding, depth: 0),
      outputPadding: Extent3D(image: outputPadding, depth: 0))
  }

  /// (N, C in, H, W) to (N, C out, H', W').
  package func forward(_ input: Tensor, _ parameters: ParameterArena) -> Tensor {
    let plan = plan(for: input)
    let s = plan.shape
    var output = Tensor(uninitialized: [plan.images, outputChannels, s.input.height, s.input.width])
    plan.backwardData(
      input.slice, weights: parameters[weight], bias: bias.map { parameters[$0] },
      into: output.mutableSlice(), scratch: .scratch(plan.dataScratchCount))
    return output
  }

  /// The gradient of the input from that of the output; adds the parameters' gradients to the pool.
  /// Without `needsInputGradient` (the first layer) the result is nil.
  package func backward(
    _ gradient: Tensor, input: Tensor, _ parameters: ParameterArena, _ pool: GradientPool,
    needsInputGradient: Bool = true
  ) -> Tensor? {
    let plan = plan(for: input)
    let scratch = FloatSlice.scratch(plan.scratchCount)
    plan.backwardWeights(
      input.slice, input: gradient.slice, addingTo: pool.slice(weight, worker: 0), scratch: scratch)
    if let bias {
      plan.backwardBias(gradient.slice, addingTo: pool.slice(bias, worker: 0))
    }
    guard needsInputGradient else { return nil }
    var inputGradient = Tensor(uninitialized: input.shape)
    plan.forward(
      gradient.slice, weights: parameters[weight], bias: nil, into: inputGradient.mutableSlice(),
      scratch: scratch)
    return inputGradient
  }

  private func plan(for input: Tensor) -> ConvolutionPlan3D {
    precondition(
      input.shape.count == 4 && input.shape[1] == inputChannels,
      "images of shape \(input.shape) for \(inputChannels) channels")
    let extent = Extent3D(
      depth: 1, height: input.shape[2], width: input.shape[3])
    return ConvolutionPlan3D(shape(of: extent), images: input.shape[0])
  }
}
