/// A square 2D convolution (cross-correlation, as the field means it) with zero padding.
///
/// Images are (N, C, H, W). How it is computed, ``ConvolutionPlan2D`` decides from the shape.
public struct Convolution2D: Sendable {
  /// Channels in.
  public let inputChannels: Int
  /// Channels out.
  public let outputChannels: Int
  /// Width of the kernel.
  public let kernel: Int
  /// Step between windows.
  public let stride: Int
  /// Zeros added on each side.
  public let padding: Int
  /// (C out, C in, K, K).
  public let weight: Parameter
  /// (C out), or nil where a normalisation follows.
  public let bias: Parameter?

  /// Builds the layer and adds its parameters to the layout under `name`.
  public init(
    _ name: String, inputChannels: Int, outputChannels: Int, kernel: Int = 3, stride: Int = 1,
    padding: Int? = nil, hasBias: Bool = true, layout: inout ParameterLayout
  ) {
    self.inputChannels = inputChannels
    self.outputChannels = outputChannels
    self.kernel = kernel
    self.stride = stride
    self.padding = padding ?? kernel / 2
    weight = layout.add(
      "\(name).weight", [outputChannels, inputChannels, kernel, kernel],
      .he(inputs: inputChannels * kernel * kernel))
    bias = hasBias ? layout.add("\(name).bias", [outputChannels], .constant(0)) : nil
  }

  /// The sizes for images of a height and a width.
  public func shape(height: Int, width: Int) -> ConvolutionShape {
    ConvolutionShape(
      inputChannels: inputChannels, outputChannels: outputChannels, height: height, width: width,
      kernel: kernel, stride: stride, padding: padding)
  }

  /// (N, C in, H, W) to (N, C out, H', W').
  public func forward(_ input: Tensor, _ parameters: ParameterArena) -> Tensor {
    let s = shape(of: input)
    let plan = ConvolutionPlan2D(s, images: input.shape[0])
    var output = Tensor(uninitialized: [
      plan.images, s.outputChannels, s.outputHeight, s.outputWidth,
    ])
    plan.forward(
      input.slice, weights: parameters[weight], bias: bias.map { parameters[$0] },
      into: output.mutableSlice(), scratch: .scratch(plan.forwardScratchCount))
    return output
  }

  /// The gradient of the input from that of the output; adds the parameters' gradients to the pool.
  /// Without `needsInputGradient` (the first layer) the result is nil.
  public func backward(
    _ gradient: Tensor, input: Tensor, _ parameters: ParameterArena, _ pool: GradientPool,
    needsInputGradient: Bool = true
  ) -> Tensor? {
    let plan = ConvolutionPlan2D(shape(of: input), images: input.shape[0])
    let scratch = FloatSlice.scratch(plan.scratchCount)
    plan.backwardWeights(
      gradient.slice, input: input.slice, addingTo: pool.slice(weight, worker: 0),
      scratch: scratch)
    if let bias {
      plan.backwardBias(gradient.slice, addingTo: pool.slice(bias, worker: 0))
    }
    guard needsInputGradient else { return nil }
    var inputGradient = Tensor(uninitialized: input.shape)
    plan.backwardData(
      gradient.slice, weights: parameters[weight], into: inputGradient.mutableSlice(),
      scratch: scratch)
    return inputGradient
  }

  private func shape(of input: Tensor) -> ConvolutionShape {
    precondition(
      input.shape.count == 4 && input.shape[1] == inputChannels,
      "images of shape \(input.shape) for \(inputChannels) channels")
    return shape(height: input.shape[2], width: input.shape[3])
  }
}
