import SpiderSupport

/// A 3x3x3 convolution, stride 1, padding 1, of a batch of volumes: Winograd's method F(4x4, 3x3) in
/// the planes (Lavin & Gray, CVPR 2016), a quarter of the multiplications, with the three taps along z
/// summed inside the products.
///
/// A plane is covered by tiles of 4x4 outputs, 32 tiles a panel. One worker takes a panel along z: each
/// input plane is transformed once and kept while the three outputs that see it are made, so nothing
/// larger than three planes of a panel is ever stored. Backward by the input is the same on turned
/// weights.
///
/// Error against double, largest over largest reference, at up to 64 channels of normal numbers: at
/// most 6e-6 for each pass (measured: under 3.5e-6).
package struct VolumeWinogradConvolution: WinogradConvolution {
  /// Sizes of one volume.
  package let shape: ConvolutionShape
  /// Volumes of the batch.
  package let images: Int
  /// The most workers a pass may use.
  package let workers: Int
  private let level: InstructionSet

  /// Plans for so many volumes and workers.
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
    Winograd.weightCount(s) + workers * Winograd.planesCount(s)
  }

  package func pass(
    _ input: FloatSlice, _ s: ConvolutionShape, weights: FloatSlice, turned: Bool,
    bias: FloatSlice?, into output: FloatSlice, adding: Bool, scratch: FloatSlice
  ) {
    let transformed = scratch.part(0, Winograd.weightCount(s))
    Winograd.transformWeights(
      weights, s, turned: turned, into: transformed, workers: workers, level)
    // A worker's share is so many planes, of one panel after the other. Where it begins or ends inside
    // a panel it transforms up to two planes more; the numbers are the same.
    let depth = s.output.depth
    let size = Winograd.planesCount(s)
    Parallel.forEachWorker(splitting: Winograd.panels(s, images: images) * depth, limit: workers) {
      worker, range in
      let own = scratch.part(transformed.count + worker * size, size)
      var start = range.lowerBound
      while start < range.upperBound {
        let panel = start / depth
        let end = min(range.upperBound, (panel + 1) * depth)
        Winograd.makePlanes(
          input, weights: transformed, bias: bias, s, images: images, panel: panel,
          planes: (start - panel * depth)..<(end - panel * depth), scratch: own, into: output,
          adding: adding, level)
        start = end
      }
    }
  }

  // MARK: Backward by the weights

  /// Planes whose transforms are held at once: enough tiles that the way back from the Winograd domain
  /// costs little, few enough that the transforms stay near the L2 cache.
  private var chunk: Int { min(4, shape.output.depth) }

  /// Numbers of scratch memory of one worker: its transforms, its products and its sum, in whole cache
  /// lines.
  private var weightShare: Int {
    (chunk + 2) * Winograd.turnedInputCount(shape) + chunk * Winograd.gradientCount(shape)
      + Winograd.sumCount(shape, blocks: Winograd.blocksAtOnce) + (shape.weightCount + 15) / 16 * 16
  }

  package var weightScratchCount: Int { workers * weightShare }

  /// Each worker adds up the chunks of its share; the workers' sums are added in their order.
  package func backwardWeights(
    _ gradient: FloatSlice, input: FloatSlice, addingTo weightGradient: FloatSlice,
    scratch: FloatSlice
  ) {
    let s = shape
    let depth = s.output.depth
    let chunksPerPanel = (depth + chunk - 1) / chunk
    let chunks = Winograd.panels(s, images: images) * chunksPerPanel
    let used = max(1, min(workers, chunks))
    let share = weightShare
    let sumStart = share - (s.weightCount + 15) / 16 * 16
    Parallel.forEachWorker(splitting: chunks, limit: used) { worker, range in
      let own = scratch.part(worker * share, share)
      let sum = own.part(sumStart, s.weightCount)
      sum.fill(0)
      for item in range {
        let first = item % chunksPerPanel * chunk
        addChunk(
          panel: item / chunksPerPanel, planes: first..<min(first + chunk, depth), gradient,
          input: input, to: sum, scratch: own.part(0, sumStart))
      }
    }
    for worker in 0..<used {
      Elements.add(scratch.part(worker * share + sumStart, s.weightCount), to: weightGradient)
    }
  }

  private func addChunk(
    panel: Int, planes: Range<Int>, _ gradient: FloatSlice, input: FloatSlice, to sum: FloatSlice,
    scratch: FloatSlice
  ) {
    let s = shape
    let (inputSize, gradientSize) = (Winograd.turnedInputCount(s), Winograd.gradientCount(s))
    let inputs = scratch.part(0, (planes.count + 2) * inputSize)
    let gradients = scratch.part(inputs.count, planes.count * gradientSize)
    let products = scratch.part(
      inputs.count + gradients.count, Winograd.sumCount(s, blocks: Winograd.blocksAtOnce))
    let blocks = Winograd.outputBlocks(s)
    for index in 0..<planes.count + 2 {
      Winograd.turnInput(
        input, s, images: images, panel: panel, plane: planes.lowerBound - 1 + index,
        blocks: 0..<Winograd.inputBlocks(s), into: inputs.part(index * inputSize, inputSize), level)
    }
    for (index, plane) in planes.enumerated() {
      Winograd.transformGradient(
        gradient, s, images: images, panel: panel, plane: plane, blocks: 0..<blocks,
        into: gradients.part(index * gradientSize, gradientSize), level)
    }
    for block in stride(from: 0, to: blocks, by: Winograd.blocksAtOnce) {
      Winograd.addWeightGradient(
        input: inputs, gradient: gradients, count: planes.count, s,
        blocks: block..<min(block + Winograd.blocksAtOnce, blocks), sums: products,
        addingTo: sum, level)
    }
  }
}
