import SpiderSupport

/// A way to compute a convolution of a batch and its two backward passes.
///
/// It is planned once, for a shape, a number of volumes and a number of workers; passes allocate
/// nothing and take their scratch memory from the caller. Volumes are (N, C, D, H, W) one behind the
/// other, weights (C out, C in, K, K, K); for images D and the first K are 1.
///
/// `forward` and `backwardData` do not depend on the number of workers to the last bit;
/// `backwardWeights` is the same from run to run with the same number.
package protocol ConvolutionAlgorithm: Sendable {
  /// Numbers of scratch memory that `forward` needs.
  var forwardScratchCount: Int { get }
  /// Numbers of scratch memory that `backwardData` needs.
  var dataScratchCount: Int { get }
  /// Numbers of scratch memory that `backwardWeights` needs.
  var weightScratchCount: Int { get }

  /// y = bias + weights * x; overwrites the output, or adds to it.
  func forward(
    _ input: FloatSlice, weights: FloatSlice, bias: FloatSlice?, into output: FloatSlice,
    adding: Bool, scratch: FloatSlice)

  /// The gradient of the input from that of the output; overwrites it. A bias (C in) is added where
  /// this is the forward pass of a transposed convolution.
  func backwardData(
    _ gradient: FloatSlice, weights: FloatSlice, bias: FloatSlice?,
    into inputGradient: FloatSlice, scratch: FloatSlice)

  /// The gradient of the weights from that of the output and the input; adds to it.
  func backwardWeights(
    _ gradient: FloatSlice, input: FloatSlice, addingTo weightGradient: FloatSlice,
    scratch: FloatSlice)
}

/// The names of the algorithms, and the choice between them.
///
/// The choice depends on the sizes alone, never on the number of workers or on timing, so results do
/// not either.
package enum ConvolutionPath: Sendable, CaseIterable {
  /// One matrix product a volume: ``PointwiseConvolution``. Kernels of one voxel, stride 1.
  case pointwise
  /// Tiles of 4x4 outputs of a plane with a quarter of the multiplications:
  /// ``PlanarWinogradConvolution``, ``VolumeWinogradConvolution``. Kernels of 3x3 over images and of
  /// 3x3x3, stride 1, padding 1.
  case winograd
  /// The gradient of a convolution with the channels exchanged: ``AdjointConvolution``. Stride 1.
  case adjoint
  /// A matrix product along the rows, sums across them: ``SeparatedRowsConvolution``. Stride 1.
  case separatedRows
  /// Straight from the rows, in registers: ``WideKernelConvolution``. Kernels of 7 along H and W, stride 1.
  case wideKernel
  /// The gradient of the input straight from the rows: ``HalvingConvolution``. Kernels of 3x3x3, stride 2,
  /// padding 1, over volumes of even sizes: those whose adjoint doubles.
  case halving
  /// Windows copied into columns, then matrix products: ``ColumnConvolution``. Any shape.
  case columns

  /// The fastest way for a batch of so many volumes of a shape.
  package static func choose(_ s: ConvolutionShape, images: Int) -> ConvolutionPath {
    if s.isPointwise { return .pointwise }
    if HalvingConvolution.suits(s) { return .halving }
    guard s.stride == Extent3D(1), s.kernel.count > 1 else { return .columns }
    let tiles = images * ((s.input.height + 3) / 4) * ((s.input.width + 3) / 4)
    if s.isPlanar {
      return suitsWinograd(planar: s) && pays(s, tiles: tiles) ? .winograd : .columns
    }
    if s.kernel == Extent3D(3), s.padding == Extent3D(1) {
      // A panel of 32 tiles takes the same time however few of its 512 pixels are there. Winograd is
      // six times as fast as columns when all are.
      let panels = (tiles + 31) / 32
      let pixels = images * s.input.height * s.input.width
      if 6 * pixels >= panels * 512 { return .winograd }
    }
    // Copying columns costs as much as sixteen output channels' products.
    let fewOutputs = s.outputChannels <= min(16, s.inputChannels / 2)
    guard fewOutputs && hasAdjoint(s) else { return .columns }
    if WideKernelConvolution.suits(s) { return .wideKernel }
    let moves = SeparatedRowsConvolution.moves(s)
    return moves.separated < moves.adjoint ? .separatedRows : .adjoint
  }

  private static func suitsWinograd(planar s: ConvolutionShape) -> Bool {
    s.kernel == Extent3D(image: 3, depth: 1) && s.padding == Extent3D(image: 1, depth: 0)
  }

  /// Whether Winograd's transforms pay in the plane.
  ///
  /// The limits come from measurements on one core of an AMD EPYC (Zen 4), time by columns over time
  /// by Winograd, forward / by the input / by the weights:
  ///
  ///     64 -> 64, 128 x 128        3.9 / 4.5 / 4.2
  ///     16 -> 16, 128 x 128        3.7 / 4.1 / 2.0
  ///      8 -> 32, 128 x 128        3.1 / 3.3 / 1.1
  ///      4 -> 32, 128 x 128        2.5 / 2.0 / 0.7
  ///      1 -> 32, 128 x 128        1.3 / 0.7 / 0.3    a matrix product with 9 columns is no work
  ///     32 ->  1, 128 x 128        1.8 / 5.0 / 1.2
  ///     64 -> 64, 30 x 30 (odd)    3.0 / 3.2 / 3.0
  ///     64 -> 64, 8 x 8            0.6 / 0.5 / 0.6    4 tiles, of the 32 that a panel computes
  private static func pays(_ s: ConvolutionShape, tiles: Int) -> Bool {
    s.inputChannels >= 8 && tiles >= 16
  }

  /// Whether the padding leaves a convolution to exchange with.
  private static func hasAdjoint(_ s: ConvolutionShape) -> Bool {
    s.padding.depth < s.kernel.depth && s.padding.height < s.kernel.height
      && s.padding.width < s.kernel.width
  }
}

/// A convolution of a batch, planned once and then computed without allocating.
///
/// It knows the sizes, picks the algorithm (``ConvolutionPath``) and says how much scratch memory the
/// passes need; the caller keeps parameters, volumes, gradients and scratch.
package struct ConvolutionPlan: Sendable {
  /// Sizes of one volume.
  package let shape: ConvolutionShape
  /// Volumes of the batch, N.
  package let images: Int
  /// How it is computed.
  package let path: ConvolutionPath
  private let workers: Int
  private let algorithm: any ConvolutionAlgorithm

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
    algorithm =
      switch self.path {
      case .pointwise: PointwiseConvolution(shape, images: images, workers: workers)
      case .winograd:
        shape.isPlanar
          ? PlanarWinogradConvolution(shape, images: images, workers: workers)
          : VolumeWinogradConvolution(shape, images: images, workers: workers)
      case .adjoint: AdjointConvolution(shape, images: images, workers: workers)
      case .separatedRows: SeparatedRowsConvolution(shape, images: images, workers: workers)
      case .wideKernel: WideKernelConvolution(shape, images: images, workers: workers)
      case .halving: HalvingConvolution(shape, images: images, workers: workers)
      case .columns: ColumnConvolution(shape, images: images, workers: workers)
      }
  }

  /// Numbers of scratch memory that ``forward(_:weights:bias:into:adding:scratch:)`` needs.
  package var forwardScratchCount: Int { algorithm.forwardScratchCount }
  /// Numbers of scratch memory that ``backwardData(_:weights:bias:into:scratch:)`` needs.
  package var dataScratchCount: Int { algorithm.dataScratchCount }
  /// Numbers of scratch memory that serve all passes, one after the other.
  package var scratchCount: Int {
    max(algorithm.forwardScratchCount, algorithm.dataScratchCount, algorithm.weightScratchCount)
  }

  /// y = bias + weights * x, with zeros around the volumes; overwrites the output, or adds to it.
  package func forward(
    _ input: FloatSlice, weights: FloatSlice, bias: FloatSlice?, into output: FloatSlice,
    adding: Bool = false, scratch: FloatSlice
  ) {
    check(input: input, output: output)
    algorithm.forward(
      input, weights: weights, bias: bias, into: output, adding: adding, scratch: scratch)
  }

  /// The gradient of the input from that of the output; overwrites it. A bias (C in) is added where
  /// this is the forward pass of a transposed convolution.
  package func backwardData(
    _ gradient: FloatSlice, weights: FloatSlice, bias: FloatSlice? = nil,
    into inputGradient: FloatSlice, scratch: FloatSlice
  ) {
    check(input: inputGradient, output: gradient)
    algorithm.backwardData(
      gradient, weights: weights, bias: bias, into: inputGradient, scratch: scratch)
  }

  /// Adds the gradient of the weights, from that of the output and the input.
  package func backwardWeights(
    _ gradient: FloatSlice, input: FloatSlice, addingTo weightGradient: FloatSlice,
    scratch: FloatSlice
  ) {
    check(input: input, output: gradient)
    algorithm.backwardWeights(
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
