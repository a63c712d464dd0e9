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

/// Passes over tensors of their own, planned as they come: what the taped layers and the tests want.
extension Convolution {
  /// The plan for images or volumes of all channels, or of so many.
  package func plan(
    for input: Tensor, channels: Int? = nil, path: ConvolutionPath? = nil
  ) -> ConvolutionPlan {
    let channels = channels ?? inputChannels
    precondition(
      input.shape.count == 2 + domain.axes && input.shape[1] == channels,
      "\(domain) of shape \(input.shape) for \(channels) channels")
    let size = (domain == .images ? [1] : []) + input.shape[2...]
    return ConvolutionPlan(
      shape(of: Extent3D(depth: size[0], height: size[1], width: size[2]), channels: channels),
      images: input.shape[0], path: path)
  }

  /// (N, C in, H, W) to (N, C out, H', W'), or the same of volumes. `path` overrides the choice.
  package func forward(
    _ input: Tensor, _ parameters: ParameterArena, path: ConvolutionPath? = nil
  ) -> Tensor {
    forward(input, plan(for: input, path: path), weights: parameters[weight], parameters)
  }

  /// The gradient of the input from that of the output; adds the parameters' gradients to the pool.
  /// Without `needsInputGradient` (the first layer) the result is nil.
  package func backward(
    _ gradient: Tensor, input: Tensor, _ parameters: ParameterArena, _ pool: GradientPool,
    path: ConvolutionPath? = nil, needsInputGradient: Bool = true,
    needsParameterGradients: Bool = true
  ) -> Tensor? {
    let plan = plan(for: input, path: path)
    let scratch = FloatSlice.scratch(plan.scratchCount)
    if needsParameterGradients {
      plan.backwardWeights(
        gradient.slice, input: input.slice, addingTo: pool.slice(weight), scratch: scratch)
      if let bias { plan.backwardBias(gradient.slice, addingTo: pool.slice(bias)) }
    }
    guard needsInputGradient else { return nil }
    var inputGradient = Tensor(uninitialized: input.shape)
    plan.backwardData(
      gradient.slice, weights: parameters[weight], into: inputGradient.mutableSlice(),
      scratch: scratch)
    return inputGradient
  }

  // MARK: Some of the channels

  /// What a range of the input's channels gives, plus the bias: (N, channels, D, H, W) to
  /// (N, C out, D', H', W').
  ///
  /// With ``add(_:channels:_:to:)`` for the other channels it is the whole convolution, of an input that no
  /// tensor holds as a whole.
  package func forward(
    _ input: Tensor, channels: Range<Int>, _ parameters: ParameterArena
  ) -> Tensor {
    forward(
      input, plan(for: input, channels: channels.count), weights: weights(of: channels, parameters),
      parameters)
  }

  /// Adds to an output what a range of the input's channels gives.
  package func add(
    _ input: Tensor, channels: Range<Int>, _ parameters: ParameterArena, to output: inout Tensor
  ) {
    let plan = plan(for: input, channels: channels.count)
    plan.forward(
      input.slice, weights: weights(of: channels, parameters), bias: nil,
      into: output.mutableSlice(), adding: true, scratch: .scratch(plan.forwardScratchCount))
  }

  private func forward(
    _ input: Tensor, _ plan: ConvolutionPlan, weights: FloatSlice, _ parameters: ParameterArena
  ) -> Tensor {
    let size = plan.shape.output
    var output = Tensor(
      uninitialized: [plan.images, outputChannels]
        + [size.depth, size.height, size.width].suffix(domain.axes))
    plan.forward(
      input.slice, weights: weights, bias: bias.map { parameters[$0] },
      into: output.mutableSlice(), scratch: .scratch(plan.forwardScratchCount))
    return output
  }

  /// The weights (C out, channels, K, K, K) of some input channels.
  private func weights(of channels: Range<Int>, _ parameters: ParameterArena) -> FloatSlice {
    precondition(channels.upperBound <= inputChannels, "channels \(channels) of \(inputChannels)")
    let (whole, taps) = (parameters[weight], weight.count / (outputChannels * inputChannels))
    let part = FloatSlice.scratch(outputChannels * channels.count * taps)
    for output in 0..<outputChannels {
      let start = (output * inputChannels + channels.lowerBound) * taps
      part.part(output * channels.count * taps, channels.count * taps).copy(
        from: whole.part(start, channels.count * taps))
    }
    return part
  }
}
