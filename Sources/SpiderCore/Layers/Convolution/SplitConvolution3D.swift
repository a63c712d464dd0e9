/// A convolution of stride 1 with few output channels, in two steps: along the rows by a matrix product, across
/// them by adding.
///
/// The columns hold the windows along x only, C in times K numbers a voxel. Their product with the weights has
/// for every voxel what it gives to each of the K x K rows about it, and those are added up. A kernel of 7x7x7 from
/// 16 channels to one so moves 112 + 49 numbers a voxel instead of the 343 of ``TurnedConvolution3D``, and the
/// products are as deep as `sgemm` likes them. The ways back are those of the turned convolution.
struct SplitConvolution3D: ConvolutionMethod3D {
  /// Half an L2 cache, in numbers.
  private static let tileCount = 128 * 1024

  private let shape: ConvolutionShape3D
  private let images: Int
  private let workers: Int
  private let turned: TurnedConvolution3D
  /// Windows along x of all input channels.
  private let along: ConvolutionShape3D
  /// Windows across, over the output: each voxel of the input touches the rows about it.
  private let across: ConvolutionShape3D
  /// Voxels of a tile.
  private let width: Int

  init(_ shape: ConvolutionShape3D, images: Int, workers: Int) {
    self.shape = shape
    self.images = images
    self.workers = workers
    turned = TurnedConvolution3D(shape, images: images, workers: workers)
    let (kernel, padding) = (shape.kernel, shape.padding)
    along = ConvolutionShape3D(
      inputChannels: shape.inputChannels, outputChannels: 1, input: shape.input,
      kernel: Extent3D(depth: 1, height: 1, width: kernel.width), stride: Extent3D(1),
      padding: Extent3D(depth: 0, height: 0, width: padding.width))
    across = ConvolutionShape3D(
      inputChannels: shape.outputChannels, outputChannels: 1, input: shape.output,
      kernel: Extent3D(depth: kernel.depth, height: kernel.height, width: 1), stride: Extent3D(1),
      padding: Extent3D(
        depth: kernel.depth - 1 - padding.depth, height: kernel.height - 1 - padding.height,
        width: 0))
    width = min(along.output.count, max(192, Self.tileCount / (along.taps + across.taps)))
  }

  /// Numbers a voxel that this way moves, and that the turned convolution does.
  static func moves(_ s: ConvolutionShape3D) -> (split: Int, turned: Int) {
    let rows = s.outputChannels * s.kernel.depth * s.kernel.height
    return (s.inputChannels * s.kernel.width + 2 * rows, 2 * rows * s.kernel.width)
  }

  var forwardScratchCount: Int { shape.weightCount + workers * (along.taps + across.taps) * width }
  var dataScratchCount: Int { turned.dataScratchCount }
  var weightScratchCount: Int { turned.weightScratchCount }

  /// Each worker has planes of the output to itself; of the tiles, which are the same for any number of workers, it
  /// makes those that reach them.
  func forward(
    _ input: FloatSlice, weights: FloatSlice, bias: FloatSlice?, into output: FloatSlice,
    adding: Bool, scratch: FloatSlice
  ) {
    let matrix = scratch.part(0, shape.weightCount)
    arrange(weights, into: matrix)
    let size = (along.taps + across.taps) * width
    let depth = shape.output.depth
    Parallel.forEachWorker(splitting: images * depth, limit: workers) { worker, range in
      let own = scratch.part(matrix.count + worker * size, size)
      var start = range.lowerBound
      while start < range.upperBound {
        let image = start / depth
        let end = min(range.upperBound, (image + 1) * depth)
        let target = output.part(image * shape.outputCount, shape.outputCount)
        let planes = (start - image * depth)..<(end - image * depth)
        begin(target, planes, bias, adding: adding)
        add(
          input.part(image * shape.inputCount, shape.inputCount), matrix, planes, own, to: target)
        start = end
      }
    }
  }

  /// w[o][c][z][y][x] to rows (o, turned z, turned y) and columns (c, x).
  private func arrange(_ weights: FloatSlice, into matrix: FloatSlice) {
    let k = shape.kernel
    let rows = k.depth * k.height
    for o in 0..<shape.outputChannels {
      for c in 0..<shape.inputChannels {
        for row in 0..<rows {
          let from = ((o * shape.inputChannels + c) * rows + row) * k.width
          let to = ((o + 1) * rows - 1 - row) * along.taps + c * k.width
          matrix.part(to, k.width).copy(from: weights.part(from, k.width))
        }
      }
    }
  }

  /// Sets planes of the output to the bias, or adds it.
  private func begin(
    _ target: FloatSlice, _ planes: Range<Int>, _ bias: FloatSlice?, adding: Bool
  ) {
    let plane = shape.output.height * shape.output.width
    for channel in 0..<shape.outputChannels {
      let own = target.part(
        channel * shape.output.count + planes.lowerBound * plane, planes.count * plane)
      if !adding {
        own.fill(bias?[channel] ?? 0)
      } else if let bias {
        Kernels.addChannelBias(
          bias.part(channel, 1), to: own, count: own.count, stride: own.count)
      }
    }
  }

  /// Adds what the tiles that reach some planes give to them.
  private func add(
    _ volume: FloatSlice, _ matrix: FloatSlice, _ planes: Range<Int>, _ scratch: FloatSlice,
    to target: FloatSlice
  ) {
    let plane = along.output.height * along.output.width
    let first = max(0, planes.lowerBound - shape.padding.depth) * plane
    let reach = planes.upperBound - 1 - shape.padding.depth + shape.kernel.depth
    let end = min(shape.input.depth, reach) * plane
    for tile in stride(from: first / width * width, to: end, by: width) {
      let windows = tile..<min(tile + width, along.output.count)
      let columns = scratch.part(0, along.taps * windows.count)
      let products = scratch.part(columns.count, across.taps * windows.count)
      Kernels.columns(
        of: volume, along, channels: 0..<shape.inputChannels, windows: windows, into: columns)
      BLAS.multiply(
        m: across.taps, n: windows.count, k: along.taps, .rows(matrix, stride: along.taps),
        .rows(columns, stride: windows.count), into: products, stride: windows.count)
      Kernels.addColumns(
        products, across, channels: 0..<shape.outputChannels, windows: windows, planes: planes,
        to: target)
    }
  }

  func backwardData(
    _ gradient: FloatSlice, weights: FloatSlice, bias: FloatSlice?,
    into inputGradient: FloatSlice, scratch: FloatSlice
  ) {
    turned.backwardData(
      gradient, weights: weights, bias: bias, into: inputGradient, scratch: scratch)
  }

  func backwardWeights(
    _ gradient: FloatSlice, input: FloatSlice, addingTo weightGradient: FloatSlice,
    scratch: FloatSlice
  ) {
    turned.backwardWeights(gradient, input: input, addingTo: weightGradient, scratch: scratch)
  }
}
