extension Convolution3D {
  /// What a range of the input's channels gives, plus the bias: (N, channels, D, H, W) to
  /// (N, C out, D', H', W').
  ///
  /// With ``add(_:channels:_:to:)`` for the other channels it is the whole convolution, of an input that no
  /// tensor holds as a whole.
  package func forward(
    _ input: Tensor, channels: Range<Int>, _ parameters: ParameterArena
  ) -> Tensor {
    let plan = plan(for: input, channels: channels.count)
    let s = plan.shape.output
    var output = Tensor(uninitialized: [plan.images, outputChannels, s.depth, s.height, s.width])
    plan.forward(
      input.slice, weights: weights(of: channels, parameters), bias: bias.map { parameters[$0] },
      into: output.mutableSlice(), scratch: .scratch(plan.forwardScratchCount))
    return output
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

  /// The weights (C out, channels, K, K, K) of some input channels.
  private func weights(of channels: Range<Int>, _ parameters: ParameterArena) -> FloatSlice {
    precondition(channels.upperBound <= inputChannels, "channels \(channels) of \(inputChannels)")
    let (whole, taps) = (parameters[weight], kernel * kernel * kernel)
    let part = FloatSlice.scratch(outputChannels * channels.count * taps)
    for output in 0..<outputChannels {
      let start = (output * inputChannels + channels.lowerBound) * taps
      part.part(output * channels.count * taps, channels.count * taps).copy(
        from: whole.part(start, channels.count * taps))
    }
    return part
  }
}
