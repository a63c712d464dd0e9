import SpiderSupport

/// A convolution of volumes of any kernel, stride, padding and size by columns: the windows of a tile
/// are copied into columns that stay in the L2 cache (im2col), never the whole matrix; then one
/// `sgemm` makes the tile.
///
/// The general path, and the reference of the fast one. Where even a narrow tile has too many taps,
/// the columns of a block of input channels are made at a time and the products added up. Tiles and
/// blocks are fixed by the shape, so results do not depend on the number of workers.
struct ColumnConvolution3D: ConvolutionMethod3D {
  /// Pieces that the backward passes aim at, to keep a handful of workers busy: blocks of input
  /// channels, which no two workers share, and where channels are few those are split further.
  private static let pieces = 8

  private let shape: ConvolutionShape3D
  private let images: Int
  private let workers: Int
  private let forward: Tiling
  private let backward: Tiling

  init(_ shape: ConvolutionShape3D, images: Int, workers: Int) {
    self.shape = shape
    self.images = images
    self.workers = workers
    forward = Tiling(shape, block: shape.inputChannels)
    backward = Tiling(shape, block: (shape.inputChannels + Self.pieces - 1) / Self.pieces)
  }

  /// The tiles of windows of one volume and the blocks of input channels.
  private struct Tiling {
    /// Windows of a tile.
    let width: Int
    /// Tiles of a volume.
    let count: Int
    let blocks: [Range<Int>]
    /// Numbers of the columns of a block of a tile.
    let columns: Int
    private let windows: Int

    /// Half an L2 cache, in numbers.
    private static let columnCount = 128 * 1024
    /// Windows below which `sgemm` loses speed: then rather fewer channels.
    private static let narrow = 192

    init(_ s: ConvolutionShape3D, block: Int) {
      windows = s.output.count
      width = min(windows, max(Self.columnCount / (block * s.kernel.count), Self.narrow))
      count = (windows + width - 1) / width
      let size = min(block, max(1, Self.columnCount / (width * s.kernel.count)))
      blocks = stride(from: 0, to: s.inputChannels, by: size).map {
        $0..<min($0 + size, s.inputChannels)
      }
      columns = size * s.kernel.count * width
    }

    subscript(index: Int) -> Range<Int> { index * width..<min((index + 1) * width, windows) }
  }

  var forwardScratchCount: Int { workers * forward.columns }
  var dataScratchCount: Int { workers * backward.columns }
  var weightScratchCount: Int {
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

  /// The weights of a block of input channels, (C out) x (taps of the block), rows apart.
  private func part(of weights: FloatSlice, block: Range<Int>) -> FloatSlice {
    let first = block.lowerBound * shape.kernel.count
    return weights.part(first, shape.weightCount - first)
  }

  /// The windows as a matrix, taps by windows: copied into `columns`, or the input as it lies.
  private func matrix(
    _ volume: FloatSlice, _ block: Range<Int>, _ windows: Range<Int>, _ columns: FloatSlice
  ) -> Matrix {
    if shape.isPointwise {
      let start = block.lowerBound * shape.input.count + windows.lowerBound
      return .rows(volume.part(start, volume.count - start), stride: shape.input.count)
    }
    Columns.columns(of: volume, shape, channels: block, windows: windows, into: columns)
    return .rows(columns, stride: windows.count)
  }

  // MARK: Forward

  func forward(
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
          BLAS.multiply(
            m: s.outputChannels, n: windows.count, k: block.count * s.kernel.count,
            .rows(part(of: weights, block: block), stride: s.taps),
            matrix(volume, block, windows, columns), into: out, stride: s.output.count,
            beta: adding || block.lowerBound > 0 ? 1 : 0)
        }
        if let bias {
          Elements.addChannelBias(bias, to: out, count: windows.count, stride: s.output.count)
        }
      }
    }
  }

  // MARK: Backward

  /// Slabs of planes that a block of the input's gradient is split into. Windows that reach into two
  /// slabs are made twice, so slabs are thick.
  private var slabs: Int {
    max(1, min(Self.pieces / backward.blocks.count, shape.input.depth / (4 * shape.kernel.depth)))
  }

  /// The windows that reach planes of the input, whole planes of windows.
  private func windows(reaching planes: Range<Int>) -> Range<Int> {
    let (kernel, step, padding) = (shape.kernel.depth, shape.stride.depth, shape.padding.depth)
    let first = max(0, planes.lowerBound + padding - kernel + 1 + step - 1) / step
    let end = min(shape.output.depth, (planes.upperBound - 1 + padding) / step + 1)
    let plane = shape.output.height * shape.output.width
    return min(first, end) * plane..<end * plane
  }

  func backwardData(
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
    let plane = s.input.height * s.input.width
    Parallel.forEachWorker(splitting: images * pieces, limit: workers) { worker, range in
      let columns = scratch.part(worker * backward.columns, backward.columns)
      for item in range {
        let (image, block, slab) = (
          item / pieces, blocks[item % pieces / slabs], item % pieces % slabs
        )
        let planes = slab * s.input.depth / slabs..<(slab + 1) * s.input.depth / slabs
        let target = inputGradient.part(image * s.inputCount, s.inputCount)
        for channel in block {
          let start = channel * s.input.count + planes.lowerBound * plane
          let own = target.part(start, planes.count * plane)
          if !adding {
            own.fill(bias?[channel] ?? 0)
          } else if let bias {
            Elements.addChannelBias(
              bias.part(channel, 1), to: own, count: own.count, stride: own.count)
          }
        }
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

  /// Shares of the tiles that a block of the weights' gradient is split into, each with a sum of its
  /// own.
  private var splits: Int {
    max(1, min(Self.pieces / backward.blocks.count, images * backward.count))
  }

  /// Every block of input channels and share of the tiles by itself: dW += dY columns^T.
  func backwardWeights(
    _ gradient: FloatSlice, input: FloatSlice, addingTo weightGradient: FloatSlice,
    scratch: FloatSlice
  ) {
    let (s, blocks, splits) = (shape, backward.blocks, splits)
    let sums = (0..<splits).map { split in
      splits == 1
        ? weightGradient
        : scratch.part(workers * backward.columns + split * s.weightCount, s.weightCount)
    }
    if splits > 1 { for sum in sums { sum.fill(0) } }
    Parallel.forEachWorker(splitting: blocks.count * splits, limit: workers) { worker, range in
      let columns = scratch.part(worker * backward.columns, backward.columns)
      for item in range {
        let (block, split) = (blocks[item / splits], item % splits)
        let tiles = images * backward.count
        for tile in split * tiles / splits..<(split + 1) * tiles / splits {
          let (image, windows) = (tile / backward.count, backward[tile % backward.count])
          let up = part(
            of: gradient, image: image, channels: 0..<s.outputChannels, windows: windows)
          let volume = input.part(image * s.inputCount, s.inputCount)
          BLAS.multiply(
            m: s.outputChannels, n: block.count * s.kernel.count, k: windows.count,
            .rows(up, stride: s.output.count), matrix(volume, block, windows, columns).transpose,
            into: part(of: sums[split], block: block), stride: s.taps, beta: 1)
        }
      }
    }
    if splits > 1 { for sum in sums { Elements.add(sum, to: weightGradient) } }
  }
}
