internal import CSpiderKernels
import SpiderSupport

/// A convolution of volumes that halves each axis (kernel 3, stride 2, padding 1, even sizes), and above all
/// its adjoint: the transposed convolution that doubles each axis.
///
/// The gradient of the input is made straight from the rows of the output's: each voxel becomes eight,
/// from itself and its neighbours by 27 taps, and all eight stay in registers while the channels are summed
/// (`direct.h`). By columns the same sums would be laid out and added up in memory, 27 numbers a voxel and channel.
/// The other two passes are those of ``ColumnConvolution``, which is the reference of this one, too.
package struct HalvingConvolution: ConvolutionAlgorithm {
  private let shape: ConvolutionShape
  private let images: Int
  private let workers: Int
  private let level: InstructionSet
  private let columns: ColumnConvolution

  package init(
    _ shape: ConvolutionShape, images: Int, workers: Int, level: InstructionSet = .best
  ) {
    precondition(Self.suits(shape), "kernel \(shape.kernel), stride \(shape.stride)")
    self.shape = shape
    self.images = images
    self.workers = workers
    self.level = level
    columns = ColumnConvolution(shape, images: images, workers: workers)
  }

  /// Whether a convolution halves each axis of a volume and its adjoint gives back the whole of it.
  static func suits(_ s: ConvolutionShape) -> Bool {
    s.kernel == Extent3D(3) && s.stride == Extent3D(2) && s.padding == Extent3D(1)
      && s.input
        == Extent3D(
          depth: 2 * s.output.depth, height: 2 * s.output.height, width: 2 * s.output.width)
  }

  /// Sizes of the adjoint: the output's gradient comes in.
  private var sizes: spider_doubling {
    spider_doubling(
      Cin: Int32(shape.outputChannels), Cout: Int32(shape.inputChannels),
      D: Int32(shape.output.depth), H: Int32(shape.output.height), W: Int32(shape.output.width))
  }
  private var packedCount: Int { Int(spider_doubling_weight_count(sizes)) }
  private var share: Int { Int(spider_doubling_scratch(sizes)) }

  package var forwardScratchCount: Int { columns.forwardScratchCount }
  package var dataScratchCount: Int { packedCount + workers * share }
  package var weightScratchCount: Int { columns.weightScratchCount }

  package func forward(
    _ input: FloatSlice, weights: FloatSlice, bias: FloatSlice?, into output: FloatSlice,
    adding: Bool, scratch: FloatSlice
  ) {
    columns.forward(
      input, weights: weights, bias: bias, into: output, adding: adding, scratch: scratch)
  }

  /// The workers share the rows of the output's gradient.
  package func backwardData(
    _ gradient: FloatSlice, weights: FloatSlice, bias: FloatSlice?,
    into inputGradient: FloatSlice, scratch: FloatSlice
  ) {
    let (s, sizes, share, level) = (shape, sizes, share, level)
    let packed = scratch.part(0, packedCount)
    Parallel.forEachWorker(splitting: (s.inputChannels + 1) / 2, limit: workers) { _, pairs in
      unsafe spider_doubling_weights(
        sizes, weights.address(s.weightCount), Int32(pairs.lowerBound), Int32(pairs.upperBound),
        packed.mutableAddress(packed.count))
    }
    let rows = s.output.depth * s.output.height
    Parallel.forEachWorker(splitting: images * rows, limit: workers) { worker, range in
      let own = scratch.part(packed.count + worker * share, share)
      var start = range.lowerBound
      while start < range.upperBound {
        let image = start / rows
        let end = min(range.upperBound, (image + 1) * rows)
        unsafe spider_double(
          sizes, gradient.part(image * s.outputCount, s.outputCount).address(s.outputCount),
          packed.address(packed.count), bias?.address(s.inputChannels),
          Int64(start - image * rows), Int64(end - image * rows), own.mutableAddress(share),
          inputGradient.part(image * s.inputCount, s.inputCount).mutableAddress(s.inputCount),
          level.rawValue)
        start = end
      }
    }
  }

  package func backwardWeights(
    _ gradient: FloatSlice, input: FloatSlice, addingTo weightGradient: FloatSlice,
    scratch: FloatSlice
  ) {
    columns.backwardWeights(
      gradient, input: input, addingTo: weightGradient, scratch: scratch)
  }
}
