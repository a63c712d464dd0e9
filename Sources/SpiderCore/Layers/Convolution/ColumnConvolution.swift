/// Convolution by columns and `sgemm`: the general path, for any kernel, stride, padding and size.
///
/// The windows of a tile are copied into columns (im2col) that stay in the L2 cache, never the whole
/// matrix; one product then makes all output channels of the tile. Where even a narrow tile has too
/// many taps, the columns of a block of channels are made at a time and the products added up. Tiles
/// and blocks follow from the shape alone, so that the worker count does not show in the result.
struct ColumnConvolution: ConvolutionAlgorithm3D {
  let shape: ConvolutionShape3D
  /// Windows in a tile.
  private let tile: Int
  /// Input channels whose columns are made at a time.
  private let block: Int
  /// The same two for the gradient of the input, which is split by channels among the workers.
  private let adjointTile: Int
  private let adjointBlock: Int

  /// Half an L2 cache of columns, in numbers.
  private static let columnCount = 128 * 1024
  /// Windows below which `sgemm` loses speed.
  private static let narrowTile = 192

  init(_ shape: ConvolutionShape3D) {
    self.shape = shape
    let windows = shape.output.count
    let wide = Self.columnCount / shape.taps
    tile = min(windows, max(wide, Self.narrowTile))
    block = min(
      shape.inputChannels, max(1, Self.columnCount / (tile * shape.kernel.count)))
    // Eight blocks, where there are channels for so many, keep a handful of workers busy.
    adjointBlock = (shape.inputChannels + 7) / 8
    adjointTile = min(
      windows, max(Self.columnCount / (adjointBlock * shape.kernel.count), Self.narrowTile))
  }

  private var tiles: Int { (shape.output.count + tile - 1) / tile }

  private func windows(ofTile index: Int) -> Range<Int> {
    index * tile..<min((index + 1) * tile, shape.output.count)
  }

  var scratchCount: Int {
    shape.kernel.count * max(tile * block, adjointTile * adjointBlock)
  }

  func forward(
    images: Int, _ input: FloatSlice, weights: FloatSlice, bias: FloatSlice?,
    into output: FloatSlice, scratch: FloatSlice
  ) {
    let plane = shape.output.count
    Parallel.forEachWorker(
      splitting: images * tiles, limit: workers(scratch, each: scratchCount)
    ) { worker, range in
      let columns = scratch.part(worker * scratchCount, scratchCount)
      for item in range {
        let (image, windows) = (item / tiles, windows(ofTile: item % tiles))
        let volume = input.part(image * shape.inputCount, shape.inputCount)
        let out = output.part(
          image * shape.outputCount + windows.lowerBound,
          (shape.outputChannels - 1) * plane + windows.count)
        for channels in blocks(of: block) {
          let taps = channels.count * shape.kernel.count
          let first = channels.lowerBound * shape.kernel.count
          BLAS.multiply(
            m: shape.outputChannels, n: windows.count, k: taps,
            .rows(weights.part(first, weights.count - first), stride: shape.taps),
            matrix(volume, channels, windows, columns), into: out, stride: plane,
            beta: first == 0 ? 0 : 1)
        }
        if let bias {
          Kernels.addChannelBias(bias, to: out, count: windows.count, stride: plane)
        }
      }
    }
  }

  func backwardData(
    images: Int, _ gradient: FloatSlice, weights: FloatSlice, bias: FloatSlice?,
    into inputGradient: FloatSlice, scratch: FloatSlice
  ) {
    let plane = shape.output.count
    let blocks = blocks(of: adjointBlock)
    Parallel.forEachWorker(
      splitting: images * blocks.count, limit: workers(scratch, each: scratchCount)
    ) { worker, range in
      let columns = scratch.part(worker * scratchCount, scratchCount)
      for item in range {
        let (image, channels) = (item / blocks.count, blocks[item % blocks.count])
        let target = inputGradient.part(image * shape.inputCount, shape.inputCount)
        for channel in channels {
          target.part(channel * shape.input.count, shape.input.count).fill(bias?[channel] ?? 0)
        }
        let taps = channels.count * shape.kernel.count
        let first = channels.lowerBound * shape.kernel.count
        for start in stride(from: 0, to: plane, by: adjointTile) {
          let windows = start..<min(start + adjointTile, plane)
          let up = gradient.part(
            image * shape.outputCount + start,
            (shape.outputChannels - 1) * plane + windows.count)
          // The columns' gradient is W^T dY.
          BLAS.multiply(
            m: taps, n: windows.count, k: shape.outputChannels,
            .transposed(weights.part(first, weights.count - first), stride: shape.taps),
            .rows(up, stride: plane), into: columns, stride: windows.count)
          Kernels.addColumns(columns, shape, channels: channels, windows: windows, to: target)
        }
      }
    }
  }

  var weightScratchCount: Int { scratchCount + shape.weightCount }

  func backwardWeights(
    images: Int, _ gradient: FloatSlice, input: FloatSlice, addingTo weightGradient: FloatSlice,
    scratch: FloatSlice
  ) {
    let plane = shape.output.count
    let each = weightScratchCount
    let count = min(images * tiles, workers(scratch, each: each))
    Parallel.forEachWorker(splitting: images * tiles, limit: count) { worker, range in
      let columns = scratch.part(worker * each, scratchCount)
      let sum = scratch.part(worker * each + scratchCount, shape.weightCount)
      sum.fill(0)
      for item in range {
        let (image, windows) = (item / tiles, windows(ofTile: item % tiles))
        let volume = input.part(image * shape.inputCount, shape.inputCount)
        let up = gradient.part(
          image * shape.outputCount + windows.lowerBound,
          (shape.outputChannels - 1) * plane + windows.count)
        for channels in blocks(of: block) {
          let taps = channels.count * shape.kernel.count
          let first = channels.lowerBound * shape.kernel.count
          // dW += dY columns^T
          BLAS.multiply(
            m: shape.outputChannels, n: taps, k: windows.count, .rows(up, stride: plane),
            matrix(volume, channels, windows, columns).transpose,
            into: sum.part(first, sum.count - first), stride: shape.taps, beta: 1)
        }
      }
    }
    for worker in 0..<count {
      Kernels.add(
        scratch.part(worker * each + scratchCount, shape.weightCount), to: weightGradient)
    }
  }

  /// The ranges of `size` input channels.
  private func blocks(of size: Int) -> [Range<Int>] {
    stride(from: 0, to: shape.inputChannels, by: size).map {
      $0..<min($0 + size, shape.inputChannels)
    }
  }

  /// The windows as a matrix, taps by windows: copied into `columns`, or the input as it lies.
  private func matrix(
    _ volume: FloatSlice, _ channels: Range<Int>, _ windows: Range<Int>, _ columns: FloatSlice
  ) -> Matrix {
    if shape.isPointwise {
      let start = channels.lowerBound * shape.input.count + windows.lowerBound
      return .rows(volume.part(start, volume.count - start), stride: shape.input.count)
    }
    Kernels.columns(of: volume, shape, channels: channels, windows: windows, into: columns)
    return .rows(columns, stride: windows.count)
  }
}
