import SpiderSupport

/// A 2D convolution of a batch of images, planned once and then computed without allocating.
///
/// It knows the sizes, picks the way to compute (``ConvolutionPath``) and says how much scratch memory
/// the passes need; the caller keeps parameters, images, gradients and scratch. Images are
/// (N, C, H, W), one behind the other; weights (C out, C in, K, K).
package struct ConvolutionPlan2D: Sendable {
  /// Sizes of one image.
  package let shape: ConvolutionShape
  /// Images of the batch, N.
  package let images: Int
  /// How it is computed.
  package let path: ConvolutionPath
  private let workers: Int
  private let method: any ConvolutionMethod2D

  /// Plans for at most so many workers. `path` overrides the choice, for tests and measurements; it
  /// must suit the shape.
  package init(
    _ shape: ConvolutionShape, images: Int, workers: Int = Parallel.workerCount,
    path: ConvolutionPath? = nil
  ) {
    self.shape = shape
    self.images = images
    self.path = path ?? .choose(shape, images: images)
    self.workers = workers
    method =
      switch self.path {
      case .pointwise: PointwiseConvolution2D(shape, images: images, workers: workers)
      case .winograd: WinogradConvolution2D(shape, images: images, workers: workers)
      case .columns: ColumnConvolution2D(shape, images: images, workers: workers)
      }
  }

  /// Numbers of scratch memory that ``forward(_:weights:bias:into:scratch:)`` needs.
  package var forwardScratchCount: Int { method.forwardScratchCount }
  /// Numbers of scratch memory that serve all passes, one after the other.
  package var scratchCount: Int {
    max(method.forwardScratchCount, method.dataScratchCount, method.weightScratchCount)
  }

  /// y = bias + weights * x, with zeros around the images; overwrites the output.
  package func forward(
    _ input: FloatSlice, weights: FloatSlice, bias: FloatSlice?, into output: FloatSlice,
    scratch: FloatSlice
  ) {
    method.forward(input, weights: weights, bias: bias, into: output, scratch: scratch)
  }

  /// The gradient of the input from that of the output; overwrites it.
  package func backwardData(
    _ gradient: FloatSlice, weights: FloatSlice, into inputGradient: FloatSlice,
    scratch: FloatSlice
  ) {
    method.backwardData(gradient, weights: weights, into: inputGradient, scratch: scratch)
  }

  /// Adds the gradient of the weights, from that of the output and the input.
  package func backwardWeights(
    _ gradient: FloatSlice, input: FloatSlice, addingTo weightGradient: FloatSlice,
    scratch: FloatSlice
  ) {
    method.backwardWeights(
      gradient, input: input, addingTo: weightGradient, scratch: scratch)
  }

  /// Adds the gradient of the bias (C out): the sums of the output's gradient.
  package func backwardBias(_ gradient: FloatSlice, addingTo biasGradient: FloatSlice) {
    let plane = shape.outputPlane
    Parallel.forEachWorker(splitting: shape.outputChannels, limit: workers) { _, channels in
      for image in 0..<images {
        let start = image * shape.outputCount + channels.lowerBound * plane
        Elements.addRowSums(
          gradient.part(start, channels.count * plane), count: plane, stride: plane,
          to: biasGradient.part(channels.lowerBound, channels.count))
      }
    }
  }
}
