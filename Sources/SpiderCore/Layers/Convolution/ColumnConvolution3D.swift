/// A convolution of volumes of any kernel, stride, padding and size by columns: the windows of a tile
/// are copied into columns that stay in the L2 cache (im2col), never the whole matrix; then one
/// `sgemm` makes the tile.
///
/// The general path, and the reference of the fast one. Where even a narrow tile has too many taps,
/// the columns of a block of input channels are made at a time and the products added up. Tiles and
/// blocks are fixed by the shape, so results do not depend on the number of workers.
struct ColumnConvolution3D: ConvolutionMethod3D {
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
    // The backward passes are split by blocks of input channels, which no two workers share: eight
    // blocks, where there are channels for so many, keep a handful of workers busy.
    backward = Tiling(shape, block: (shape.inputChannels + 7) / 8)
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
  var weightScratchCount: Int { workers * backward.columns }

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
    Kernels.columns(of: volume, shape, channels: block, windows: windows, into: columns)
    return .rows(columns, stride: windows.count)
  }

  // MARK: Forward

  func forward(
    _ input: FloatSlice, weights: FloatSlice, bias: FloatSlice?, into output: FloatSlice,
    scratch: FloatSlice
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
            beta: block.lowerBound == 0 ? 0 : 1)
        }
        if let bias {
          Kernels.addChannelBias(bias, to: out, count: windows.count, stride: s.output.count)
        }
      }
    }
  }

  // MARK: Backward

  /// Every volume and block of input channels by itself: the columns' gradient is W^T dY.
  func backwardData(
    _ gradient: FloatSlice, weights: FloatSlice, bias: FloatSlice?,
    into inputGradient: FloatSlice, scratch: FloatSlice
  ) {
    let (s, blocks) = (shape, backward.blocks)
    Parallel.forEachWorker(splitting: images * blocks.count, limit: workers) { worker, range in
      let columns = scratch.part(worker * backward.columns, backward.columns)
      for item in range {
        let (image, block) = (item / blocks.count, blocks[item % blocks.count])
        let target = inputGradient.part(image * s.inputCount, s.inputCount)
        for channel in block {
          target.part(channel * s.input.count, s.input.count).fill(bias?[channel] ?? 0)
        }
        for tile in 0..<backward.count {
          let windows = backward[tile]
          let up = part(
            of: gradient, image: image, channels: 0..<s.outputChannels, windows: windows)
          BLAS.multiply(
            m: block.count * s.kernel.count, n: windows.count, k: s.outputChannels,
            .transposed(part(of: weights, block: block), stride: s.taps),
            .rows(up, stride: s.output.count), into: columns, stride: windows.count)
          Kernels.addColumns(columns, s, channels: block, windows: windows, to: target)
        }
      }
    }
  }

  /// Every block of input channels by itself, in parts of output channels where blocks are few:
  /// dW += dY columns^T.
  func backwardWeights(
    _ gradient: FloatSlice, input: FloatSlice, addingTo weightGradient: FloatSlice,
    scratch: FloatSlice
  ) {
    let (s, blocks) = (shape, backward.blocks)
    let parts = max(1, min(8 / blocks.count, s.outputChannels / 16))
    Parallel.forEachWorker(splitting: blocks.count * parts, limit: workers) { worker, range in
      let columns = scratch.part(worker * backward.columns, backward.columns)
      for item in range {
        let (block, index) = (blocks[item / parts], item % parts)
        let channels =
          index * s.outputChannels / parts..<(index + 1) * s.outputChannels / parts
        let first = channels.lowerBound * s.taps
        let target = part(of: weightGradient, block: block)
        for image in 0..<images {
          let volume = input.part(image * s.inputCount, s.inputCount)
          for tile in 0..<backward.count {
            let windows = backward[tile]
            BLAS.multiply(
              m: channels.count, n: block.count * s.kernel.count, k: windows.count,
              .rows(
                part(of: gradient, image: image, channels: channels, windows: windows),
                stride: s.output.count),
              matrix(volume, block, windows, columns).transpose,
              into: target.part(first, target.count - first), stride: s.taps, beta: 1)
          }
        }
      }
    }
  }
}
