import SpiderSupport

/// A 3D convolution of a batch of volumes, planned once and then computed without allocating.
///
/// It knows the sizes, picks the way to compute (``ConvolutionPath3D``) and says how much scratch
/// memory the passes need; the caller keeps parameters, volumes, gradients and scratch. Volumes are
/// (N, C, D, H, W), one behind the other; weights (C out, C in, K, K, K). A transposed convolution is
/// the same with `forward` and `backwardData` exchanged.
package struct ConvolutionPlan3D: Sendable {
  /// Sizes of one volume.
  package let shape: ConvolutionShape3D
  /// Volumes of the batch, N.
  package let images: Int
  /// How it is computed.
  package let path: ConvolutionPath3D
  private let workers: Int
  private let method: any ConvolutionMethod3D

  /// Plans for at most so many workers. `path` overrides the choice, for tests and measurements; it
  /// must suit the shape.
  package init(
    _ shape: ConvolutionShape3D, images: Int, workers: Int = Parallel.workerCount,
    path: ConvolutionPath3D? = nil
  ) {
    self.shape = shape
    self.images = images
    self.path = path ?? .choose(shape, images: images)
    self.workers = workers
    method =
      switch self.path {
      case .winograd: WinogradConvolution3D(shape, images: images, workers: workers)
      case .turned: TurnedConvolution3D(shape, images: images, workers: workers)
      case .split: SplitConvolution3D(shape, images: images, workers: workers)
      case .columns: ColumnConvolution3D(shape, images: images, workers: workers)
      }
  }

  /// Numbers of scratch memory that ``forward(_:weights:bias:into:scratch:)`` needs.
  package var forwardScratchCount: Int { method.forwardScratchCount }
  /// Numbers of scratch memory that ``backwardData(_:weights:bias:into:scratch:)`` needs.
  package var dataScratchCount: Int { method.dataScratchCount }
  /// Numbers of scratch memory that serve all passes, one after the other.
  package var scratchCount: Int {
    max(method.forwardScratchCount, method.dataScratchCount, method.weightScratchCount)
  }

  /// y = bias + weights * x, with zeros around the volumes; overwrites the output, or adds to it.
  package func forward(
    _ input: FloatSlice, weights: FloatSlice, bias: FloatSlice?, into output: FloatSlice,
    adding: Bool = false, scratch: FloatSlice
  ) {
    check(input: input, output: output)
    method.forward(
      input, weights: weights, bias: bias, into: output, adding: adding, scratch: scratch)
  }

  /// The gradient of the input from that of the output; overwrites it. A bias (C in) is added where
  /// this is the forward pass of a transposed convolution.
  package func backwardData(
    _ gradient: FloatSlice, weights: FloatSlice, bias: FloatSlice? = nil,
    into inputGradient: FloatSlice, scratch: FloatSlice
  ) {
    check(input: inputGradient, output: gradient)
    method.backwardData(
      gradient, weights: weights, bias: bias, into: inputGradient, scratch: scratch)
  }

  /// Adds the gradient of the weights, from that of the output and the input.
  package func backwardWeights(
    _ gradient: FloatSlice, input: FloatSlice, addingTo weightGradient: FloatSlice,
    scratch: FloatSlice
  ) {
    check(input: input, output: gradient)
    method.backwardWeights(
      gradient, input: input, addingTo: weightGradient, scratch: scratch)
  }

  /// Adds the gradient of a bias (C): the sums of the gradient (N, C, plane) that it was added to.
  package func backwardBias(_ gradient: FloatSlice, addingTo biasGradient: FloatSlice) {
    let plane = gradient.count / (images * biasGradient.count)
    Parallel.forEachWorker(splitting: biasGradient.count, limit: workers) { _, channels in
      for image in 0..<images {
        let start = (image * biasGradient.count + channels.lowerBound) * plane
        Elements.addRowSums(
          gradient.part(start, channels.count * plane), count: plane, stride: plane,
          to: biasGradient.part(channels.lowerBound, channels.count))
      }
    }
  }

  private func check(input: FloatSlice, output: FloatSlice) {
    precondition(
      input.count == images * shape.inputCount && output.count == images * shape.outputCount,
      "\(input.count) and \(output.count) numbers for \(images) volumes of \(shape.inputCount) and "
        + "\(shape.outputCount)")
  }
}
