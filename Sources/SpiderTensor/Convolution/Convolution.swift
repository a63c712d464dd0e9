/// A convolution (cross-correlation, as the field means it) with zero padding and the same kernel,
/// stride and padding along each axis of images (N, C, H, W) or volumes (N, C, D, H, W).
///
/// An image is a volume of depth 1. How it is computed, ``ConvolutionPlan`` decides from the shape.
package struct Convolution: Sendable {
  /// What the kernel moves over.
  package enum Domain: Sendable {
    /// (N, C, H, W), kernels K x K.
    case images
    /// (N, C, D, H, W), kernels K x K x K.
    case volumes

    /// The number of axes of an image or a volume.
    var axes: Int { self == .images ? 2 : 3 }
  }

  /// What the kernel moves over.
  package let domain: Domain
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
  /// (C out, C in, K, K) or (C out, C in, K, K, K).
  package let weight: Parameter
  /// (C out), or nil where a normalisation follows.
  package let bias: Parameter?

  /// Builds the layer and adds its parameters to the layout under `name`. The weights are drawn as by
  /// He et al. where no initializer is given.
  package init(
    _ name: String, over domain: Domain, inputChannels: Int, outputChannels: Int, kernel: Int = 3,
    stride: Int = 1, padding: Int? = nil, hasBias: Bool = true, initializer: Initializer? = nil,
    layout: inout ParameterLayout
  ) {
    self.domain = domain
    self.inputChannels = inputChannels
    self.outputChannels = outputChannels
    self.kernel = kernel
    self.stride = stride
    self.padding = padding ?? kernel / 2
    let window = [Int](repeating: kernel, count: domain.axes)
    weight = layout.add(
      "\(name).weight", [outputChannels, inputChannels] + window,
      initializer ?? .he(inputs: window.reduce(inputChannels, *)))
    bias = hasBias ? layout.add("\(name).bias", [outputChannels], .constant(0)) : nil
  }

  /// The sizes for volumes of an extent, or for some of their channels.
  package func shape(of input: Extent3D, channels: Int? = nil) -> ConvolutionShape {
    func extent(_ all: Int, flat: Int) -> Extent3D {
      domain == .images ? Extent3D(image: all, depth: flat) : Extent3D(all)
    }
    return ConvolutionShape(
      inputChannels: channels ?? inputChannels, outputChannels: outputChannels, input: input,
      kernel: extent(kernel, flat: 1), stride: extent(stride, flat: 1),
      padding: extent(padding, flat: 0))
  }

  // MARK: Planned passes over images

  /// Plans passes over N images of a height and a width, for the workers there are now.
  package func plan(images: Int, height: Int, width: Int) -> ConvolutionPlan {
    ConvolutionPlan(
      shape(of: Extent3D(depth: 1, height: height, width: width)), images: images)
  }

  /// (N, C in, H, W) to (N, C out, H', W'). The scratch is as large as the plan says.
  package func forward(
    _ input: ImageSlice, _ plan: ConvolutionPlan, _ parameters: ParameterArena,
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
    _ gradient: ImageSlice, input: ImageSlice, _ plan: ConvolutionPlan,
    _ parameters: ParameterArena, _ pool: GradientPool, into inputGradient: ImageSlice?,
    scratch: FloatSlice
  ) {
    check(input, gradient, plan)
    plan.backwardWeights(
      gradient.all, input: input.all, addingTo: pool.slice(weight), scratch: scratch)
    if let bias { plan.backwardBias(gradient.all, addingTo: pool.slice(bias)) }
    if let inputGradient {
      check(inputGradient, gradient, plan)
      plan.backwardData(
        gradient.all, weights: parameters[weight], into: inputGradient.all, scratch: scratch)
    }
  }

  private func check(_ input: ImageSlice, _ output: ImageSlice, _ plan: ConvolutionPlan) {
    let s = plan.shape
    precondition(
      input.count == plan.images && output.count == plan.images && s.isPlanar
        && [input.channels, input.height, input.width]
          == [s.inputChannels, s.input.height, s.input.width]
        && [output.channels, output.height, output.width]
          == [s.outputChannels, s.output.height, s.output.width],
      "from \(input.place) to \(output.place) by \(s)")
  }
}
