import SpiderSupport

/// A convolution of stride 1 with few output channels, in two steps: along the rows by a matrix product, across
/// them by adding.
///
/// The columns hold the windows along x only, C in times K numbers a voxel. Their product with the weights has
/// for every voxel what it gives to each of the K x K rows about it, and those are added up. A kernel of 7x7x7 from
/// 16 channels to one so moves 112 + 49 numbers a voxel instead of the 343 of ``AdjointConvolution``, and the
/// products are as deep as `sgemm` likes them. Backward the same two steps are taken from the other end.
package struct SeparatedRowsConvolution: ConvolutionAlgorithm {
  /// Half an L2 cache, in numbers.
  private static let tileCount = 128 * 1024

  private let shape: ConvolutionShape
  private let images: Int
  private let workers: Int
  /// Windows along x of all input channels.
  private let along: ConvolutionShape
  /// Windows across, over the output: each voxel of the input touches the rows about it.
  private let across: ConvolutionShape
  /// Voxels of a tile.
  private let width: Int

  package init(_ shape: ConvolutionShape, images: Int, workers: Int) {
    self.shape = shape
    self.images = images
    self.workers = workers
    let (kernel, padding) = (shape.kernel, shape.padding)
    along = ConvolutionShape(
      inputChannels: shape.inputChannels, outputChannels: 1, input: shape.input,
      kernel: Extent3D(depth: 1, height: 1, width: kernel.width), stride: Extent3D(1),
      padding: Extent3D(depth: 0, height: 0, width: padding.width))
    across = ConvolutionShape(
      inputChannels: shape.outputChannels, outputChannels: 1, input: shape.output,
      kernel: Extent3D(depth: kernel.depth, height: kernel.height, width: 1), stride: Extent3D(1),
      padding: Extent3D(
        depth: kernel.depth - 1 - padding.depth, height: kernel.height - 1 - padding.height,
        width: 0))
    width = min(along.output.count, max(192, Self.tileCount / (along.taps + across.taps)))
  }

  /// Numbers a voxel that this way moves, and that the adjoint way does.
  static func moves(_ s: ConvolutionShape) -> (separated: Int, adjoint: Int) {
    let rows = s.outputChannels * s.kernel.depth * s.kernel.height
    return (s.inputChannels * s.kernel.width + 2 * rows, 2 * rows * s.kernel.width)
  }

  /// Numbers of a tile's columns and products.
  private var tileSize: Int { (along.taps + across.taps) * width }
  package var forwardScratchCount: Int { shape.weightCount + workers * tileSize }
  package var dataScratchCount: Int { forwardScratchCount }
  package var weightScratchCount: Int { pieces * shape.weightCount + workers * tileSize }

  // MARK: Forward

  /// Each worker has planes of the output to itself; of the tiles, which are the same for any number of workers, it
  /// makes those that reach them.
  package func forward(
    _ input: FloatSlice, weights: FloatSlice, bias: FloatSlice?, into output: FloatSlice,
    adding: Bool, scratch: FloatSlice
  ) {
    let matrix = scratch.part(0, shape.weightCount)
    forEachRow { matrix.part($1, $2).copy(from: weights.part($0, $2)) }
    forEachShare(of: shape.output, scratch.part(matrix.count, workers * tileSize)) {
      image, planes, own in
      let target = output.part(image * shape.outputCount, shape.outputCount)
      ChannelBias.begin(
        target, shape.output, planes, bias, channels: 0..<shape.outputChannels, adding: adding)
      let volume = input.part(image * shape.inputCount, shape.inputCount)
      let first = planes.lowerBound - shape.padding.depth
      let end = planes.upperBound - 1 - shape.padding.depth + shape.kernel.depth
      forEachTile(max(0, first)..<max(0, min(shape.input.depth, end)), own) {
        windows, columns, products in
        Columns.columns(
          of: volume, along, channels: 0..<shape.inputChannels, windows: windows, into: columns)
        BLAS.multiply(
          m: across.taps, n: windows.count, k: along.taps, .rows(matrix, stride: along.taps),
          .rows(columns, stride: windows.count), into: products, stride: windows.count)
        Columns.addColumns(
          products, across, channels: 0..<shape.outputChannels, windows: windows, planes: planes,
          to: target)
      }
    }
  }

  // MARK: Backward

  package func backwardData(
    _ gradient: FloatSlice, weights: FloatSlice, bias: FloatSlice?,
    into inputGradient: FloatSlice, scratch: FloatSlice
  ) {
    let matrix = scratch.part(0, shape.weightCount)
    forEachRow { matrix.part($1, $2).copy(from: weights.part($0, $2)) }
    forEachShare(of: shape.input, scratch.part(matrix.count, workers * tileSize)) {
      image, planes, own in
      let target = inputGradient.part(image * shape.inputCount, shape.inputCount)
      ChannelBias.begin(
        target, shape.input, planes, bias, channels: 0..<shape.inputChannels, adding: false)
      let up = gradient.part(image * shape.outputCount, shape.outputCount)
      forEachTile(planes, own) { windows, columns, products in
        Columns.columns(
          of: up, across, channels: 0..<shape.outputChannels, windows: windows, into: products)
        BLAS.multiply(
          m: along.taps, n: windows.count, k: across.taps,
          .transposed(matrix, stride: along.taps), .rows(products, stride: windows.count),
          into: columns, stride: windows.count)
        Columns.addColumns(
          columns, along, channels: 0..<shape.inputChannels, windows: windows, planes: planes,
          to: target)
      }
    }
  }

  /// Shares of the tiles with a sum of their own, the same for any number of workers.
  private var pieces: Int { min(8, images * tiles) }
  private var tiles: Int { (along.output.count + width - 1) / width }

  package func backwardWeights(
    _ gradient: FloatSlice, input: FloatSlice, addingTo weightGradient: FloatSlice,
    scratch: FloatSlice
  ) {
    let sums = scratch.part(0, pieces * shape.weightCount)
    sums.fill(0)
    Parallel.forEachWorker(splitting: pieces, limit: workers) { worker, range in
      let own = scratch.part(sums.count + worker * tileSize, tileSize)
      for piece in range {
        let sum = sums.part(piece * shape.weightCount, shape.weightCount)
        for item in piece * images * tiles / pieces..<(piece + 1) * images * tiles / pieces {
          let (image, first) = (item / tiles, item % tiles * width)
          let windows = first..<min(first + width, along.output.count)
          let (columns, products) = parts(of: own, windows.count)
          Columns.columns(
            of: input.part(image * shape.inputCount, shape.inputCount), along,
            channels: 0..<shape.inputChannels, windows: windows, into: columns)
          Columns.columns(
            of: gradient.part(image * shape.outputCount, shape.outputCount), across,
            channels: 0..<shape.outputChannels, windows: windows, into: products)
          BLAS.multiply(
            m: across.taps, n: along.taps, k: windows.count,
            .rows(products, stride: windows.count),
            Matrix.rows(columns, stride: windows.count).transpose, into: sum,
            stride: along.taps, beta: 1)
        }
      }
    }
    for piece in 0..<pieces {
      let sum = sums.part(piece * shape.weightCount, shape.weightCount)
      forEachRow { Elements.add(sum.part($1, $2), to: weightGradient.part($0, $2)) }
    }
  }

  // MARK: Places

  /// Rows of the kernel: where they lie in w[o][c][z][y][x], where in the matrix of rows (o, turned z, turned y) and
  /// columns (c, x), and how long they are.
  private func forEachRow(_ body: (_ weights: Int, _ matrix: Int, _ count: Int) -> Void) {
    let k = shape.kernel
    let rows = k.depth * k.height
    for o in 0..<shape.outputChannels {
      for c in 0..<shape.inputChannels {
        for row in 0..<rows {
          body(
            ((o * shape.inputChannels + c) * rows + row) * k.width,
            ((o + 1) * rows - 1 - row) * along.taps + c * k.width, k.width)
        }
      }
    }
  }

  /// Gives each worker planes of the volumes to itself, and scratch memory.
  private func forEachShare(
    of extent: Extent3D, _ scratch: FloatSlice,
    _ body: @Sendable (_ image: Int, _ planes: Range<Int>, _ scratch: FloatSlice) -> Void
  ) {
    let depth = extent.depth
    Parallel.forEachWorker(splitting: images * depth, limit: workers) { worker, range in
      var start = range.lowerBound
      while start < range.upperBound {
        let image = start / depth
        let end = min(range.upperBound, (image + 1) * depth)
        body(
          image, (start - image * depth)..<(end - image * depth),
          scratch.part(worker * tileSize, tileSize))
        start = end
      }
    }
  }

  /// The tiles, the same for any number of workers, that reach some planes of the input.
  private func forEachTile(
    _ planes: Range<Int>, _ scratch: FloatSlice,
    _ body: (_ windows: Range<Int>, _ columns: FloatSlice, _ products: FloatSlice) -> Void
  ) {
    let plane = along.output.height * along.output.width
    let (first, end) = (planes.lowerBound * plane, planes.upperBound * plane)
    for tile in stride(from: first / width * width, to: end, by: width) {
      let windows = tile..<min(tile + width, along.output.count)
      let (columns, products) = parts(of: scratch, windows.count)
      body(windows, columns, products)
    }
  }

  private func parts(of scratch: FloatSlice, _ windows: Int) -> (FloatSlice, FloatSlice) {
    (
      scratch.part(0, along.taps * windows),
      scratch.part(along.taps * windows, across.taps * windows)
    )
  }
}
