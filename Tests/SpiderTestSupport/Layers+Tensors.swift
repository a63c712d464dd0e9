import SpiderCore
import SpiderTensor

// The layers on tensors of their own, as the tests want them: what goes in stays as it is, and what
// comes out is new.

extension AveragePool {
  /// Means of 2x2 pixels.
  package static func forward(_ input: Tensor) -> Tensor {
    let s = input.shape
    var output = Tensor(uninitialized: [s[0], s[1], s[2] / 2, s[3] / 2])
    forward(input.images, into: output.mutableImages())
    return output
  }

  /// The gradient of an input that nothing else has read.
  package static func backward(_ gradient: Tensor) -> Tensor {
    let s = gradient.shape
    var output = Tensor([s[0], s[1], 2 * s[2], 2 * s[3]])
    backward(gradient.images, addingTo: output.mutableImages())
    return output
  }
}

extension Upsample {
  /// Every pixel twice in each direction.
  package static func forward(_ input: Tensor) -> Tensor {
    let s = input.shape
    var output = Tensor(uninitialized: [s[0], s[1], 2 * s[2], 2 * s[3]])
    forward(input.images, into: output.mutableImages())
    return output
  }

  /// The gradient of the input.
  package static func backward(_ gradient: Tensor) -> Tensor {
    let s = gradient.shape
    var output = Tensor(uninitialized: [s[0], s[1], s[2] / 2, s[3] / 2])
    backward(gradient.images, into: output.mutableImages())
    return output
  }
}

extension Convolution {
  /// The gradient of the input images, written over a copy of them as training does.
  package func backwardReplacing(
    _ gradient: Tensor, input: Tensor, _ parameters: ParameterArena, _ pool: GradientPool
  ) -> Tensor {
    let s = input.shape
    let plan = plan(images: s[0], height: s[2], width: s[3])
    var replaced = input
    let images = replaced.mutableImages()
    backward(
      gradient.images, input: images, plan, parameters, pool, into: images,
      scratch: .scratch(plan.scratchCount))
    return replaced
  }
}

extension GroupNorm {
  /// The normalised images.
  package func forward(_ input: Tensor, _ parameters: ParameterArena) -> Tensor {
    var output = Tensor(uninitialized: input.shape)
    forward(
      input.images, parameters, into: output.mutableImages(),
      statistics: .scratch(statisticsCount(images: input.shape[0])))
    return output
  }

  /// The gradient of the input, written over a copy of the input as training does.
  package func backward(
    _ gradient: Tensor, input: Tensor, _ parameters: ParameterArena, _ pool: GradientPool
  ) -> Tensor {
    let statistics = FloatSlice.scratch(statisticsCount(images: input.shape[0]))
    var output = Tensor(uninitialized: input.shape)
    forward(input.images, parameters, into: output.mutableImages(), statistics: statistics)
    var replaced = input
    let images = replaced.mutableImages()
    backward(
      gradient.images, input: images, statistics: statistics, parameters, pool, into: images)
    return replaced
  }
}

extension PixelProjection {
  /// (N, C in, H, W) to (N, H, W, C out).
  package func forward(_ input: Tensor, _ parameters: ParameterArena) -> Tensor {
    let s = input.shape
    var output = Tensor(uninitialized: [s[0], s[2], s[3], outputChannels])
    forward(input.images, parameters, into: output.mutableSlice())
    return output
  }

  /// The gradient of the input, written over a copy of the input as training does.
  package func backward(
    _ gradient: Tensor, input: Tensor, _ parameters: ParameterArena, _ pool: GradientPool
  ) -> Tensor {
    // With ReLU it masks the gradient in its place.
    var (replaced, up) = (input, gradient)
    backward(
      up.mutableSlice(), replacing: replaced.mutableImages(), parameters, pool,
      scratch: .scratch(scratchCount(workers: pool.workerCount)))
    return replaced
  }
}
