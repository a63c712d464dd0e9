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
