import SpiderSupport

/// A 3x3 convolution, stride 1, padding 1, of a batch of images by Winograd's method F(4x4, 3x3)
/// (Lavin & Gray, CVPR 2016): a quarter of the multiplications.
///
/// The images are covered by tiles of 4x4 outputs, 32 tiles a panel. One worker takes a panel through
/// everything: it transforms all input channels into memory that fits its L2 cache, makes the 36
/// matrix products and transforms back. Backward by the input is the same on turned weights.
///
/// Error against double, largest over largest reference: at most 5e-6 forward and by the input, 1e-5
/// by the weights, at up to 256 channels of normal numbers (measured: under 3e-6 and 3e-6). Results do
/// not depend on the number of workers. Nothing is allocated: scratch memory is handed in.
package struct PlanarWinogradConvolution: WinogradConvolution {
  /// Sizes of one image.
  package let shape: ConvolutionShape
  /// Images of the batch.
  package let images: Int
  /// The most workers a pass may use.
  package let workers: Int
  private let level: InstructionSet

  /// Plans for so many images and workers.
  package init(
    _ shape: ConvolutionShape, images: Int, workers: Int = Parallel.workerCount,
    level: InstructionSet = .best
  ) {
    self.shape = shape
    self.images = images
    self.workers = workers
    self.level = level
  }

  // MARK: Forward, and backward by the input

  package func passScratchCount(_ s: ConvolutionShape) -> Int {
    Winograd.weightCount(s) + workers * (Winograd.inputCount(s) + Winograd.productCount)
  }

  package func pass(
    _ input: FloatSlice, _ s: ConvolutionShape, weights: FloatSlice, turned: Bool,
    bias: FloatSlice?, into output: FloatSlice, adding: Bool, scratch: FloatSlice
  ) {
    let transformed = scratch.part(0, Winograd.weightCount(s))
    let blocks = Winograd.outputBlocks(s)
    Winograd.transformWeights(
      weights, s, turned: turned, into: transformed, workers: workers, level)
    // Where panels are few, output channels are split as well; a worker that gets a share of a panel
    // transforms its input for itself, which is little beside the products.
    let panels = Winograd.panels(s, images: images)
    let parts = panels % workers == 0 || panels >= 4 * workers ? 1 : min(workers, blocks)
    let size = Winograd.inputCount(s) + Winograd.productCount
    Parallel.forEachWorker(splitting: panels * parts, limit: workers) { worker, range in
      let own = scratch.part(transformed.count + worker * size, size)
      let (panelInput, products) = (
        own.part(0, Winograd.inputCount(s)), own.part(Winograd.inputCount(s), Winograd.productCount)
      )
      for item in range {
        let (panel, part) = (item / parts, item % parts)
        if part == 0 || item == range.lowerBound {
          Winograd.transformInput(
            input, s, images: images, panel: panel, into: panelInput, level)
        }
        Winograd.makeOutput(
          weights: transformed, input: panelInput, bias: bias, s, images: images, panel: panel,
          blocks: (part * blocks / parts)..<((part + 1) * blocks / parts), products: products,
          into: output, adding: adding, level)
      }
    }
  }

  // MARK: Backward by the weights

  /// Panels whose transforms are kept at once: enough tiles that the way back from the Winograd
  /// domain costs little, few enough that the transforms stay near. (At 64 channels 8 panels are as
  /// fast on an idle machine and a tenth slower on a busy one; 16 are slower on any.)
  private var chunk: Int { min(4, Winograd.panels(shape, images: images)) }

  package var weightScratchCount: Int {
    chunk * (Winograd.turnedInputCount(shape) + Winograd.gradientCount(shape))
      + workers * Winograd.sumCount(shape, blocks: Winograd.blocksAtOnce)
  }

  /// Adds the gradient of the weights to `weightGradient`.
  ///
  /// For each chunk of panels all workers transform, then each multiplies its own output channels:
  /// no sum is ever held twice, and the order of summation is that of the panels.
  package func backwardWeights(
    _ gradient: FloatSlice, input: FloatSlice, addingTo weightGradient: FloatSlice,
    scratch: FloatSlice
  ) {
    let s = shape
    let (inputSize, gradientSize) = (Winograd.turnedInputCount(s), Winograd.gradientCount(s))
    let inputs = scratch.part(0, chunk * inputSize)
    let gradients = scratch.part(inputs.count, chunk * gradientSize)
    let sumSize = Winograd.sumCount(s, blocks: Winograd.blocksAtOnce)
    let sums = scratch.part(inputs.count + gradients.count, workers * sumSize)
    let (inputBlocks, outputBlocks) = (Winograd.inputBlocks(s), Winograd.outputBlocks(s))
    let panels = Winograd.panels(s, images: images)
    for first in stride(from: 0, to: panels, by: chunk) {
      let count = min(chunk, panels - first)
      // Pieces of 32 channels, a panel's inputs first, then its gradients.
      let gradientPieces = (outputBlocks + 3) / 4
      let pieces = inputBlocks + gradientPieces
      Parallel.forEachWorker(splitting: count * pieces, limit: workers) { _, range in
        for item in range {
          let (panel, piece) = (item / pieces, item % pieces)
          if piece < inputBlocks {
            Winograd.turnInput(
              input, s, images: images, panel: first + panel, blocks: piece..<(piece + 1),
              into: inputs.part(panel * inputSize, inputSize), level)
          } else {
            let block = 4 * (piece - inputBlocks)
            Winograd.transformGradient(
              gradient, s, images: images, panel: first + panel,
              blocks: block..<min(block + 4, outputBlocks),
              into: gradients.part(panel * gradientSize, gradientSize), level)
          }
        }
      }
      Parallel.forEachWorker(splitting: outputBlocks, limit: workers) { worker, range in
        for block in stride(from: range.lowerBound, to: range.upperBound, by: Winograd.blocksAtOnce)
        {
          Winograd.addWeightGradient(
            input: inputs, gradient: gradients, count: count, s,
            blocks: block..<min(block + Winograd.blocksAtOnce, range.upperBound),
            sums: sums.part(worker * sumSize, sumSize), addingTo: weightGradient, level)
        }
      }
    }
  }
}
