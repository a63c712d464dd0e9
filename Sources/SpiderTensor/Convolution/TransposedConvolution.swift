/// A transposed convolution of volumes: the adjoint of a strided convolution, plus a bias. It enlarges.
///
/// Volumes are (N, C, D, H, W). An axis of n voxels becomes (n - 1) stride - 2 padding + kernel +
/// outputPadding. The forward pass is the convolution's gradient of the input, and the other way round.
package struct TransposedConvolution: Sendable {
  /// Channels in.
  package let inputChannels: Int
  /// Channels out.
  package let outputChannels: Int
  /// Width of the kernel, K.
  package let kernel: Int
  /// Step between the places where the kernel is laid down.
  package let stride: Int
  /// Voxels cut off on each side.
  package let padding: Int
  /// Voxels added at the far end of each axis, fewer than `stride`: they settle which of the input
  /// sizes of the strided convolution is meant.
  package let outputPadding: Int
  /// (C in, C out, K, K, K).
  package let weight: Parameter
  /// (C out), or nil where a normalisation follows.
  package let bias: Parameter?

  /// Builds the layer and adds its parameters to the layout under `name`. The weights are drawn as by
  /// He et al. where no initializer is given.
  package init(
    _ name: String, inputChannels: Int, outputChannels: Int, kernel: Int = 4, stride: Int = 2,
    padding: Int = 1, outputPadding: Int = 0, hasBias: Bool = true,
    initializer: Initializer? = nil, layout: inout ParameterLayout
  ) {
    self.inputChannels = inputChannels
    self.outputChannels = outputChannels
    self.kernel = kernel
    self.stride = stride
    self.padding = padding
    self.outputPadding = outputPadding
    // Each output voxel sums over about K^3 / stride^3 taps of every input channel.
    let reached = max(1, kernel / stride)
    weight = layout.add(
      "\(name).weight", [inputChannels, outputChannels, kernel, kernel, kernel],
      initializer ?? .he(inputs: inputChannels * reached * reached * reached))
    bias = hasBias ? layout.add("\(name).bias", [outputChannels], .constant(0)) : nil
  }

  /// The sizes of the convolution whose adjoint this is, for input volumes of an extent.
  package func shape(of input: Extent3D) -> ConvolutionShape {
    ConvolutionShape(
      transposing: input, inputChannels: inputChannels, outputChannels: outputChannels,
      kernel: Extent3D(kernel), stride: Extent3D(stride), padding: Extent3D(padding),
      outputPadding: Extent3D(outputPadding))
  }

  /// (N, C in, D, H, W) to (N, C out, D', H', W').
  package func forward(_ input: Tensor, _ parameters: ParameterArena) -> Tensor {
    let plan = plan(for: input)
    let s = plan.shape
    var output = Tensor(uninitialized: [
      plan.images, outputChannels, s.input.depth, s.input.height, s.input.width,
    ])
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

  private func plan(for input: Tensor) -> ConvolutionPlan {
    precondition(
      input.shape.count == 5 && input.shape[1] == inputChannels,
      "volumes of shape \(input.shape) for \(inputChannels) channels")
    let extent = Extent3D(
      depth: input.shape[2], height: input.shape[3], width: input.shape[4])
    return ConvolutionPlan(shape(of: extent), images: input.shape[0])
  }
}
