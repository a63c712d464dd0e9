/// A square 2D convolution (cross-correlation, as the field means it) with zero padding.
///
/// Images are (N, C, H, W). How it is computed, ``ConvolutionPlan2D`` decides from the shape.
package struct Convolution2D: Sendable {
  /// Channels in.
  package let inputChannels: Int
  /// Channels out.
  package let outputChannels: Int
  /// Width of the kernel.
  package let kernel: Int
  /// Step between windows.
  package let stride: Int
  /// Zeros added on each side.
  package let padding: Int
  /// (C out, C in, K, K).
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
      "\(name).weight", [outputChannels, inputChannels, kernel, kernel],
      initializer ?? .he(inputs: inputChannels * kernel * kernel))
    bias = hasBias ? layout.add("\(name).bias", [outputChannels], .constant(0)) : nil
  }

  /// The sizes for images of a height and a width.
  package func shape(height: Int, width: Int) -> ConvolutionShape {
    ConvolutionShape(
      inputChannels: inputChannels, outputChannels: outputChannels, height: height, width: width,
      kernel: kernel, stride: stride, padding: padding)
  }

  /// Plans passes over N images of a height and a width, for the workers there are now.
  package func plan(images: Int, height: Int, width: Int) -> ConvolutionPlan2D {
    ConvolutionPlan2D(shape(height: height, width: width), images: images)
  }

  /// (N, C in, H, W) to (N, C out, H', W'). The scratch is as large as the plan says.
  package func forward(
    _ input: ImageSlice, _ plan: ConvolutionPlan2D, _ parameters: ParameterArena,
    into output: ImageSlice, scratch: FloatSlice
  ) {
    check(input, output, plan)
    plan.forward(
      input.all, weights: parameters[weight], bias: bias.map { parameters[$0] }, into: output.all,
      scratch: scratch)
  }

  /// The gradient of the input from that of the output; adds the parameters' gradients to the pool.
  /// Without `inputGradient` (the first layer) there is none of the input. It may be the memory of
  /// the input, which nothing reads after the gradient of the weights.
  package func backward(
    _ gradient: ImageSlice, input: ImageSlice, _ plan: ConvolutionPlan2D,
    _ parameters: ParameterArena, _ pool: GradientPool, into inputGradient: ImageSlice?,
    needsParameterGradients: Bool = true, scratch: FloatSlice
  ) {
    check(input, gradient, plan)
    if needsParameterGradients {
      plan.backwardWeights(
        gradient.all, input: input.all, addingTo: pool.slice(weight), scratch: scratch)
      if let bias { plan.backwardBias(gradient.all, addingTo: pool.slice(bias)) }
    }
    if let inputGradient {
      check(inputGradient, gradient, plan)
      plan.backwardData(
        gradient.all, weights: parameters[weight], into: inputGradient.all, scratch: scratch)
    }
  }

  private func check(_ input: ImageSlice, _ output: ImageSlice, _ plan: ConvolutionPlan2D) {
    let s = plan.shape
    precondition(
      input.count == plan.images && output.count == plan.images
        && [input.channels, input.height, input.width] == [s.inputChannels, s.height, s.width]
        && [output.channels, output.height, output.width]
          == [s.outputChannels, s.outputHeight, s.outputWidth],
      "from \(input.place) to \(output.place) by \(s)")
  }
}
