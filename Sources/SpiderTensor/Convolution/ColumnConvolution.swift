import SpiderSupport

/// A convolution of any kernel, stride, padding and size by columns: the windows of a tile are copied
/// into columns that stay in the L2 cache (im2col), never the whole matrix; then one `sgemm` makes the
/// tile.
///
/// The general path, and the reference of the fast ones. Where even a narrow tile has too many taps,
/// the columns of a block of input channels are made at a time and the products added up. Tiles and
/// blocks (``ColumnTiling``) are fixed by the shape, so results do not depend on the number of workers.
package struct ColumnConvolution: ConvolutionAlgorithm {
  private let shape: ConvolutionShape
  private let images: Int
  private let workers: Int
  private let forward: ColumnTiling
  private let backward: ColumnTiling

  package init(_ shape: ConvolutionShape, images: Int, workers: Int) {
    self.shape = shape
    self.images = images
    self.workers = workers
    forward = .forward(shape)
    backward = .backward(shape)
  }

  package var forwardScratchCount: Int { workers * forward.columns }
  package var dataScratchCount: Int { workers * backward.columns }
  package var weightScratchCount: Int {
    workers * backward.columns + (splits > 1 ? splits * shape.weightCount : 0)
  }

  /// Some windows of some output channels of one volume, channels apart.
  private func part(
    of output: FloatSlice, image: Int, channels: Range<Int>, windows: Range<Int>
  ) -> FloatSlice {
    let plane = shape.output.count
    return output.part(
      image * shape.outputCount + channels.lowerBound * plane + windows.lowerBound,
      (channels.count - 1) * plane + windows.count)
  }

  /// The weights of a block of input channels from output channel `first` on, rows `taps` apart.
  private func part(of weights: FloatSlice, block: Range<Int>, from first: Int = 0) -> FloatSlice {
    let start = first * shape.taps + block.lowerBound * shape.kernel.count
    return weights.part(start, shape.weightCount - start)
  }

  // MARK: Forward

  package func forward(
    _ input: FloatSlice, weights: FloatSlice, bias: FloatSlice?, into output: FloatSlice,
    adding: Bool, scratch: FloatSlice
  ) {
    let s = shape
    Parallel.forEachWorker(splitting: images * forward.count, limit: workers) { worker, range in
      let columns = scratch.part(worker * forward.columns, forward.columns)
      for item in range {
        let (image, windows) = (item / forward.count, forward[item % forward.count])
        let volume = input.part(image * s.inputCount, s.inputCount)
        let out = part(of: output, image: image, channels: 0..<s.outputChannels, windows: windows)
        for block in forward.blocks {
          Columns.columns(of: volume, s, channels: block, windows: windows, into: columns)
          BLAS.multiply(
            m: s.outputChannels, n: windows.count, k: block.count * s.kernel.count,
            .rows(part(of: weights, block: block), stride: s.taps),
            .rows(columns, stride: windows.count), into: out, stride: s.output.count,
            beta: adding || block.lowerBound > 0 ? 1 : 0)
        }
        if let bias {
          Elements.addChannelBias(bias, to: out, count: windows.count, stride: s.output.count)
        }
      }
    }
  }

  // MARK: Backward by the input

  /// Slabs of planes that a block of the input's gradient is split into. Windows that reach into two
  /// slabs are made twice, so slabs are thick.
  private var slabs: Int {
    max(
      1,
      min(
        ColumnTiling.pieces / backward.blocks.count, shape.input.depth / (4 * shape.kernel.depth)))
  }

  /// The windows that reach planes of the input, whole planes of windows.
  private func windows(reaching planes: Range<Int>) -> Range<Int> {
    let (kernel, step, padding) = (shape.kernel.depth, shape.stride.depth, shape.padding.depth)
    let first = max(0, planes.lowerBound + padding - kernel + 1 + step - 1) / step
    let end = min(shape.output.depth, (planes.upperBound - 1 + padding) / step + 1)
    let plane = shape.output.height * shape.output.width
    return min(first, end) * plane..<end * plane
  }

  package func backwardData(
    _ gradient: FloatSlice, weights: FloatSlice, bias: FloatSlice?,
    into inputGradient: FloatSlice, scratch: FloatSlice
  ) {
    backwardData(
      gradient, weights: weights, bias: bias, into: inputGradient, adding: false, scratch: scratch)
  }

  /// Every volume, block of input channels and slab by itself: the columns' gradient is W^T dY. It
  /// overwrites what was there, or adds to it.
  func backwardData(
    _ gradient: FloatSlice, weights: FloatSlice, bias: FloatSlice?,
    into inputGradient: FloatSlice, adding: Bool, scratch: FloatSlice
  ) {
    let (s, blocks, slabs) = (shape, backward.blocks, slabs)
    let pieces = blocks.count * slabs
    Parallel.forEachWorker(splitting: images * pieces, limit: workers) { worker, range in
      let columns = scratch.part(worker * backward.columns, backward.columns)
      for item in range {
        let (image, block, slab) = (
          item / pieces, blocks[item % pieces / slabs], item % pieces % slabs
        )
        let planes = slab * s.input.depth / slabs..<(slab + 1) * s.input.depth / slabs
        let target = inputGradient.part(image * s.inputCount, s.inputCount)
        ChannelBias.begin(target, s.input, planes, bias, channels: block, adding: adding)
        let reaching = windows(reaching: planes)
        for first in stride(from: reaching.lowerBound, to: reaching.upperBound, by: backward.width)
        {
          let windows = first..<min(first + backward.width, reaching.upperBound)
          let up = part(
            of: gradient, image: image, channels: 0..<s.outputChannels, windows: windows)
          BLAS.multiply(
            m: block.count * s.kernel.count, n: windows.count, k: s.outputChannels,
            .transposed(part(of: weights, block: block), stride: s.taps),
            .rows(up, stride: s.output.count), into: columns, stride: windows.count)
          Columns.addColumns(
            columns, s, channels: block, windows: windows, planes: planes, to: target)
        }
      }
    }
  }

  // MARK: Backward by the weights

  /// Shares of the tiles that a block of the weights' gradient is split into, each with a sum of its
  /// own. The tiles of an image are few.
  private var splits: Int {
    shape.isPlanar
      ? 1 : max(1, min(ColumnTiling.pieces / backward.blocks.count, images * backward.count))
  }

  /// Output channels that are made at a time. A single input channel of an image is split by these,
  /// whose columns are few.
  private var outputsAtOnce: Int {
    shape.isPlanar && shape.inputChannels == 1
      ? min(16, shape.outputChannels) : shape.outputChannels
  }

  /// Every block of input channels, part of the output channels and share of the tiles by itself:
  /// dW += dY columns^T.
  package func backwardWeights(
    _ gradient: FloatSlice, input: FloatSlice, addingTo weightGradient: FloatSlice,
    scratch: FloatSlice
  ) {
    let (s, blocks, splits, outputs) = (shape, backward.blocks, splits, outputsAtOnce)
    let parts = (s.outputChannels + outputs - 1) / outputs
    let sums = (0..<splits).map { split in
      splits == 1
        ? weightGradient
        : scratch.part(workers * backward.columns + split * s.weightCount, s.weightCount)
    }
    if splits > 1 { for sum in sums { sum.fill(0) } }
    let pieces = parts * splits
    Parallel.forEachWorker(splitting: blocks.count * pieces, limit: workers) { worker, range in
      let columns = scratch.part(worker * backward.columns, backward.columns)
      for item in range {
        let (block, first, split) = (
          blocks[item / pieces], item % pieces / splits * outputs, item % splits
        )
        let channels = first..<min(first + outputs, s.outputChannels)
        let target = part(of: sums[split], block: block, from: first)
        let tiles = images * backward.count
        for tile in split * tiles / splits..<(split + 1) * tiles / splits {
          let (image, windows) = (tile / backward.count, backward[tile % backward.count])
          let volume = input.part(image * s.inputCount, s.inputCount)
          Columns.columns(of: volume, s, channels: block, windows: windows, into: columns)
          BLAS.multiply(
            m: channels.count, n: block.count * s.kernel.count, k: windows.count,
            .rows(
              part(of: gradient, image: image, channels: channels, windows: windows),
              stride: s.output.count), .transposed(columns, stride: windows.count), into: target,
            stride: s.taps, beta: 1)
        }
      }
    }
    if splits > 1 { for sum in sums { Elements.add(sum, to: weightGradient) } }
  }
}
