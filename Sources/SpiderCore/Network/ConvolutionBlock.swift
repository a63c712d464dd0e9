/// Twice a 3x3 convolution, group normalisation and positive part: the block of the U-Net.
public struct ConvolutionBlock: Sendable {
  let first: Convolution2D
  let firstNorm: GroupNorm
  let second: Convolution2D
  let secondNorm: GroupNorm

  /// What the backward pass needs.
  public struct Tape: Sendable {
    let input: Tensor
    let firstNorm: GroupNorm.Tape
    let middle: Tensor
    let secondNorm: GroupNorm.Tape
  }

  /// Builds the block.
  public init(
    _ name: String, inputChannels: Int, outputChannels: Int, layout: inout ParameterLayout
  ) {
    // The normalisation takes any bias away again, so the convolutions have none.
    first = Convolution2D(
      "\(name).first", inputChannels: inputChannels, outputChannels: outputChannels,
      hasBias: false, layout: &layout)
    firstNorm = GroupNorm("\(name).firstNorm", channels: outputChannels, layout: &layout)
    second = Convolution2D(
      "\(name).second", inputChannels: outputChannels, outputChannels: outputChannels,
      hasBias: false, layout: &layout)
    secondNorm = GroupNorm("\(name).secondNorm", channels: outputChannels, layout: &layout)
  }

  /// (N, C in, H, W) to (N, C out, H, W).
  public func forward(_ input: Tensor, _ parameters: ParameterArena) -> (Tensor, Tape) {
    let (middle, firstTape) = firstNorm.forward(first.forward(input, parameters), parameters)
    let (output, secondTape) = secondNorm.forward(second.forward(middle, parameters), parameters)
    return (
      output, Tape(input: input, firstNorm: firstTape, middle: middle, secondNorm: secondTape)
    )
  }

  /// The gradient of the input, or nil when it is not needed.
  public func backward(
    _ gradient: Tensor, _ tape: Tape, _ parameters: ParameterArena, _ pool: GradientPool,
    needsInputGradient: Bool = true
  ) -> Tensor? {
    let g2 = secondNorm.backward(gradient, tape.secondNorm, parameters, pool)
    guard let middle = second.backward(g2, input: tape.middle, parameters, pool) else { return nil }
    let g1 = firstNorm.backward(middle, tape.firstNorm, parameters, pool)
    return first.backward(
      g1, input: tape.input, parameters, pool, needsInputGradient: needsInputGradient)
  }
}
