/// The shared 2D U-Net that reads each X-ray (SPIDER: one four-level U-Net for all views).
///
/// Going down, each level is a block and a halving; going up, a doubling, the skipped features of that
/// level, and a block. A projection gives every pixel its features, channel-last, at full resolution.
public struct UNetEncoder: Sendable {
  /// Channels of each level, finest first.
  public let widths: [Int]
  let down: [ConvolutionBlock]
  let up: [ConvolutionBlock]
  let projection: PixelProjection

  /// What the backward pass needs.
  public struct Tape: Sendable {
    let down: [ConvolutionBlock.Tape]
    let up: [ConvolutionBlock.Tape]
    let last: Tensor
  }

  /// Builds the encoder of one-channel images.
  public init(_ name: String, widths: [Int], features: Int, layout: inout ParameterLayout) {
    precondition(!widths.isEmpty, "a U-Net needs a level")
    self.widths = widths
    var down: [ConvolutionBlock] = []
    for (level, width) in widths.enumerated() {
      down.append(
        ConvolutionBlock(
          "\(name).down.\(level)", inputChannels: level == 0 ? 1 : widths[level - 1],
          outputChannels: width, layout: &layout))
    }
    var up: [ConvolutionBlock] = []
    for level in 0..<(widths.count - 1) {
      up.append(
        ConvolutionBlock(
          "\(name).up.\(level)", inputChannels: widths[level] + widths[level + 1],
          outputChannels: widths[level], layout: &layout))
    }
    self.down = down
    self.up = up
    projection = PixelProjection(
      "\(name).projection", inputChannels: widths[0], outputChannels: features, layout: &layout)
  }

  /// Rows and columns of the images must be multiples of this.
  public var alignment: Int { 1 << (widths.count - 1) }

  /// Images (N, 1, H, W) to features (N, H, W, F).
  public func forward(_ images: Tensor, _ parameters: ParameterArena) -> (Tensor, Tape) {
    var x = images
    var skips: [Tensor] = []
    var downTapes: [ConvolutionBlock.Tape] = []
    for (level, block) in down.enumerated() {
      if level > 0 { x = AveragePool.forward(x) }
      let (y, tape) = block.forward(x, parameters)
      skips.append(y)
      downTapes.append(tape)
      x = y
    }
    var upTapes: [ConvolutionBlock.Tape?] = Array(repeating: nil, count: up.count)
    for level in up.indices.reversed() {
      let joined = ChannelConcatenation.forward(skips[level], Upsample.forward(x))
      let (y, tape) = up[level].forward(joined, parameters)
      upTapes[level] = tape
      x = y
    }
    let tape = Tape(down: downTapes, up: upTapes.compactMap { $0 }, last: x)
    return (projection.forward(x, parameters), tape)
  }

  /// Adds the gradients of all parameters to the pool; images have none.
  public func backward(
    _ gradient: Tensor, _ tape: Tape, _ parameters: ParameterArena, _ pool: GradientPool
  ) {
    var g = projection.backward(gradient, input: tape.last, parameters, pool)
    var skipGradients: [Tensor] = []
    for level in up.indices {
      guard let joined = up[level].backward(g, tape.up[level], parameters, pool) else { return }
      let (skip, below) = ChannelConcatenation.backward(joined, firstChannels: widths[level])
      skipGradients.append(skip)
      g = Upsample.backward(below)
    }
    for level in down.indices.reversed() {
      if level < skipGradients.count { Tensor.add(skipGradients[level], to: &g) }
      guard
        let below = down[level].backward(
          g, tape.down[level], parameters, pool, needsInputGradient: level > 0)
      else { return }
      g = AveragePool.backward(below)
    }
  }
}
