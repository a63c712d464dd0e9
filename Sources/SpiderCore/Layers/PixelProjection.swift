/// A 1x1 convolution that leaves its output channel-last: (N, C in, H, W) to (N, H, W, C out).
///
/// All features of one pixel then lie together in memory, as the pixel-aligned sampler reads them.
public struct PixelProjection: Sendable {
  /// Channels in.
  public let inputChannels: Int
  /// Channels out.
  public let outputChannels: Int
  /// (C out, C in).
  public let weight: Parameter
  /// (C out).
  public let bias: Parameter

  /// Builds the layer.
  public init(
    _ name: String, inputChannels: Int, outputChannels: Int, layout: inout ParameterLayout
  ) {
    self.inputChannels = inputChannels
    self.outputChannels = outputChannels
    weight = layout.add(
      "\(name).weight", [outputChannels, inputChannels, 1, 1], .he(inputs: inputChannels))
    bias = layout.add("\(name).bias", [outputChannels], .constant(0))
  }

  private static let block = 1024

  /// The projected pixels.
  public func forward(_ input: Tensor, _ parameters: ParameterArena) -> Tensor {
    let s = input.shape
    precondition(s.count == 4 && s[1] == inputChannels, "\(s) for \(inputChannels) channels")
    let plane = s[2] * s[3]
    var output = Tensor(uninitialized: [s[0], s[2], s[3], outputChannels])
    let y = output.mutableSlice()
    let blocks = (plane + Self.block - 1) / Self.block
    Parallel.forEach(s[0] * blocks) { item in
      let start = item % blocks * Self.block
      let pixels = min(Self.block, plane - start)
      let x = input.entry(item / blocks)
      let out = y.part(
        (item / blocks * plane + start) * outputChannels, pixels * outputChannels)
      // Y (pixels x C out) = X^T (pixels x C in) W^T.
      BLAS.multiply(
        m: pixels, n: outputChannels, k: inputChannels,
        .transposed(x.part(start, (inputChannels - 1) * plane + pixels), stride: plane),
        .transposed(parameters[weight], stride: inputChannels), into: out, stride: outputChannels)
      Kernels.addBias(parameters[bias], to: out, relu: false)
    }
    return output
  }

  /// The gradient of the input from that of the output; adds the parameters' gradients to the pool.
  public func backward(
    _ gradient: Tensor, input: Tensor, _ parameters: ParameterArena, _ pool: GradientPool
  ) -> Tensor {
    let s = input.shape
    let plane = s[2] * s[3]
    var inputGradient = Tensor(uninitialized: s)
    let dx = inputGradient.mutableSlice()
    Parallel.forEachWorker(splitting: s[0], limit: pool.workerCount) { worker, range in
      for image in range {
        let up = gradient.entry(image)
        BLAS.multiply(
          m: inputChannels, n: plane, k: outputChannels,
          .transposed(parameters[weight], stride: inputChannels),
          .transposed(up, stride: outputChannels),
          into: dx.part(image * inputChannels * plane, inputChannels * plane), stride: plane)
        BLAS.multiply(
          m: outputChannels, n: inputChannels, k: plane, .transposed(up, stride: outputChannels),
          .transposed(input.entry(image), stride: plane),
          into: pool.slice(weight, worker: worker), stride: inputChannels, beta: 1)
        Kernels.addColumnSums(up, to: pool.slice(bias, worker: worker))
      }
    }
    return inputGradient
  }
}
