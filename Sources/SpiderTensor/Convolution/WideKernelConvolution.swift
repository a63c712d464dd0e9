internal import CSpiderKernels
import SpiderSupport

/// A convolution of volumes by a kernel of 7 along H and W, of stride 1, with few output channels: straight
/// from the rows.
///
/// A block of the output, eight rows of 32 voxels with AVX-512, stays in registers while all channels and
/// taps are summed; a row that is read serves the seven rows of the output about it (`direct.h`). Planes
/// of the input are copied once, with zeros about them, into a ring as deep as the kernel. Backward are the
/// passes of ``SeparatedRowsConvolution``, the reference of this one.
package struct WideKernelConvolution: ConvolutionAlgorithm {
  private let shape: ConvolutionShape
  private let images: Int
  private let workers: Int
  private let level: InstructionSet
  private let rows: SeparatedRowsConvolution

  package init(
    _ shape: ConvolutionShape, images: Int, workers: Int, level: InstructionSet = .best
  ) {
    precondition(Self.suits(shape), "kernel \(shape.kernel), stride \(shape.stride)")
    self.shape = shape
    self.images = images
    self.workers = workers
    self.level = level
    rows = SeparatedRowsConvolution(shape, images: images, workers: workers)
  }

  /// Whether the kernel is one of these, and its padding leaves a convolution to exchange with.
  static func suits(_ s: ConvolutionShape) -> Bool {
    s.kernel.height == 7 && s.kernel.width == 7 && s.stride == Extent3D(1)
      && s.kernel.depth <= SPIDER_WIDE_KERNEL_DEPTH && s.padding.depth < s.kernel.depth
      && s.padding.height < 7 && s.padding.width < 7
  }

  private var sizes: spider_wide_kernel {
    let p = shape.padding
    return spider_wide_kernel(
      Cin: Int32(shape.inputChannels), Cout: Int32(shape.outputChannels),
      D: Int32(shape.input.depth), H: Int32(shape.input.height), W: Int32(shape.input.width),
      depth: Int32(shape.kernel.depth), padding: (Int32(p.depth), Int32(p.height), Int32(p.width)))
  }
  private var share: Int { Int(spider_wide_kernel_scratch(sizes)) }

  package var forwardScratchCount: Int { workers * share }
  package var dataScratchCount: Int { rows.dataScratchCount }
  package var weightScratchCount: Int { rows.weightScratchCount }

  /// The workers share the planes of the output. Where a share begins inside a volume its ring is filled
  /// anew; the numbers are the same.
  package func forward(
    _ input: FloatSlice, weights: FloatSlice, bias: FloatSlice?, into output: FloatSlice,
    adding: Bool, scratch: FloatSlice
  ) {
    let (s, sizes, share, level) = (shape, sizes, share, level)
    let depth = s.output.depth
    Parallel.forEachWorker(splitting: images * depth, limit: workers) { worker, range in
      let own = scratch.part(worker * share, share)
      var start = range.lowerBound
      while start < range.upperBound {
        let image = start / depth
        let end = min(range.upperBound, (image + 1) * depth)
        unsafe spider_convolve_wide(
          sizes, input.part(image * s.inputCount, s.inputCount).address(s.inputCount),
          weights.address(s.weightCount), bias?.address(s.outputChannels),
          Int32(start - image * depth), Int32(end - image * depth), own.mutableAddress(share),
          output.part(image * s.outputCount, s.outputCount).mutableAddress(s.outputCount),
          adding ? 1 : 0, level.rawValue)
        start = end
      }
    }
  }

  package func backwardData(
    _ gradient: FloatSlice, weights: FloatSlice, bias: FloatSlice?,
    into inputGradient: FloatSlice, scratch: FloatSlice
  ) {
    rows.backwardData(
      gradient, weights: weights, bias: bias, into: inputGradient, scratch: scratch)
  }

  package func backwardWeights(
    _ gradient: FloatSlice, input: FloatSlice, addingTo weightGradient: FloatSlice,
    scratch: FloatSlice
  ) {
    rows.backwardWeights(gradient, input: input, addingTo: weightGradient, scratch: scratch)
  }
}
