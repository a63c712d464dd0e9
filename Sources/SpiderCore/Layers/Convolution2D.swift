/// A square 2D convolution (cross-correlation, as the field means it) with zero padding.
///
/// Images are (N, C, H, W). Computed by tiles of output rows: the windows of a tile are copied into
/// columns that stay in the L2 cache (im2col), then one `sgemm` makes all output channels of the tile.
public struct Convolution2D: Sendable {
  /// Channels in.
  public let inputChannels: Int
  /// Channels out.
  public let outputChannels: Int
  /// Width of the kernel.
  public let kernel: Int
  /// Step between windows.
  public let stride: Int
  /// Zeros added on each side.
  public let padding: Int
  /// (C out, C in, K, K).
  public let weight: Parameter
  /// (C out), or nil where a normalisation follows.
  public let bias: Parameter?

  /// Builds the layer and adds its parameters to the layout under `name`.
  public init(
    _ name: String, inputChannels: Int, outputChannels: Int, kernel: Int = 3, stride: Int = 1,
    padding: Int? = nil, hasBias: Bool = true, layout: inout ParameterLayout
  ) {
    self.inputChannels = inputChannels
    self.outputChannels = outputChannels
    self.kernel = kernel
    self.stride = stride
    self.padding = padding ?? kernel / 2
    weight = layout.add(
      "\(name).weight", [outputChannels, inputChannels, kernel, kernel],
      .he(inputs: inputChannels * kernel * kernel))
    bias = hasBias ? layout.add("\(name).bias", [outputChannels], .constant(0)) : nil
  }

  /// The sizes for images of a height and a width.
  public func shape(height: Int, width: Int) -> ConvolutionShape {
    ConvolutionShape(
      inputChannels: inputChannels, outputChannels: outputChannels, height: height, width: width,
      kernel: kernel, stride: stride, padding: padding)
  }

  /// Numbers of scratch a worker needs for images of a height and a width: the columns of a tile, and
  /// in the backward pass the worker's sums of the weights' gradients.
  public func scratchCount(height: Int, width: Int) -> Int {
    let s = shape(height: height, width: width)
    return s.taps * s.rowsPerTile() * s.outputWidth + weight.count
  }

  /// (N, C in, H, W) to (N, C out, H', W').
  public func forward(
    _ input: ImageSlice, _ parameters: ParameterArena, into output: ImageSlice,
    _ scratch: WorkerScratch
  ) {
    let s = shape(from: input, to: output)
    let rows = s.rowsPerTile()
    let tiles = (s.outputHeight + rows - 1) / rows
    let weights = parameters[weight]
    Parallel.forEachWorker(splitting: input.count * tiles, limit: scratch.workerCount) {
      worker, range in
      let columns = scratch[worker, s.taps * rows * s.outputWidth]
      for item in range {
        let first = item % tiles * rows
        let tile = first..<min(first + rows, s.outputHeight)
        let pixels = tile.count * s.outputWidth
        let out = output.image(item / tiles).part(
          first * s.outputWidth, (outputChannels - 1) * s.outputPlane + pixels)
        Kernels.im2col(input.image(item / tiles), s, rows: tile, into: columns)
        BLAS.multiply(
          m: outputChannels, n: pixels, k: s.taps, .rows(weights, stride: s.taps),
          .rows(columns, stride: pixels), into: out, stride: s.outputPlane)
        if let bias {
          Kernels.addChannelBias(
            parameters[bias], to: out, count: pixels, stride: s.outputPlane)
        }
      }
    }
  }

  /// The gradient of the input from that of the output; adds the parameters' gradients to the pool.
  /// Without `inputGradient` (the first layer) there is none of the input. It may be the memory of
  /// the input, which nothing reads after the gradients of the weights.
  public func backward(
    _ gradient: ImageSlice, input: ImageSlice, _ parameters: ParameterArena, _ pool: GradientPool,
    into inputGradient: ImageSlice?, _ scratch: WorkerScratch
  ) {
    backwardWeights(gradient, input: input, addingTo: pool.slice(weight), scratch)
    if let bias { backwardBias(gradient, addingTo: pool.slice(bias)) }
    if let inputGradient { backwardData(gradient, parameters, into: inputGradient, scratch) }
  }

  /// dW += dY columns^T, over all images. The first worker adds to the sum itself, the others to sums
  /// of their own, which are added to it in their order.
  private func backwardWeights(
    _ gradient: ImageSlice, input: ImageSlice, addingTo sum: FloatSlice, _ scratch: WorkerScratch
  ) {
    let s = shape(from: input, to: gradient)
    let rows = s.rowsPerTile()
    let workers = min(scratch.workerCount, input.count)
    let columnCount = s.taps * rows * s.outputWidth
    @Sendable func partial(_ worker: Int) -> FloatSlice {
      scratch[worker, columnCount + sum.count].part(columnCount, sum.count)
    }
    Parallel.forEachWorker(splitting: input.count, limit: workers) { worker, range in
      let columns = scratch[worker, columnCount]
      let weightGradient = worker == 0 ? sum : partial(worker)
      if worker > 0 { weightGradient.fill(0) }
      for image in range {
        for first in Swift.stride(from: 0, to: s.outputHeight, by: rows) {
          let tile = first..<min(first + rows, s.outputHeight)
          let pixels = tile.count * s.outputWidth
          Kernels.im2col(input.image(image), s, rows: tile, into: columns)
          BLAS.multiply(
            m: outputChannels, n: s.taps, k: pixels,
            .rows(up(gradient, s, image, tile), stride: s.outputPlane),
            .transposed(columns, stride: pixels), into: weightGradient, stride: s.taps, beta: 1)
        }
      }
    }
    for worker in 1..<max(1, workers) { Kernels.add(partial(worker), to: sum) }
  }

  private func backwardBias(_ gradient: ImageSlice, addingTo sum: FloatSlice) {
    Parallel.forEachWorker(splitting: outputChannels) { _, range in
      for n in 0..<gradient.count {
        Kernels.addRowSums(
          gradient.channels(range, of: n), count: gradient.plane, stride: gradient.plane,
          to: sum.part(range.lowerBound, range.count))
      }
    }
  }

  /// The columns' gradient is W^T dY; added back onto the images it is that of the input.
  private func backwardData(
    _ gradient: ImageSlice, _ parameters: ParameterArena, into inputGradient: ImageSlice,
    _ scratch: WorkerScratch
  ) {
    let s = shape(from: inputGradient, to: gradient)
    let rows = s.rowsPerTile()
    let weights = parameters[weight]
    Parallel.forEachWorker(splitting: gradient.count, limit: scratch.workerCount) {
      worker, range in
      let columns = scratch[worker, s.taps * rows * s.outputWidth]
      for image in range {
        inputGradient.image(image).fill(0)
        for first in Swift.stride(from: 0, to: s.outputHeight, by: rows) {
          let tile = first..<min(first + rows, s.outputHeight)
          let pixels = tile.count * s.outputWidth
          BLAS.multiply(
            m: s.taps, n: pixels, k: outputChannels, .transposed(weights, stride: s.taps),
            .rows(up(gradient, s, image, tile), stride: s.outputPlane), into: columns,
            stride: pixels)
          Kernels.addColumns(columns, s, rows: tile, to: inputGradient.image(image))
        }
      }
    }
  }

  /// The gradient of the output under a tile of rows: a plane apart from channel to channel.
  private func up(
    _ gradient: ImageSlice, _ s: ConvolutionShape, _ image: Int, _ tile: Range<Int>
  ) -> FloatSlice {
    gradient.image(image).part(
      tile.lowerBound * s.outputWidth,
      (outputChannels - 1) * s.outputPlane + tile.count * s.outputWidth)
  }

  private func shape(from input: ImageSlice, to output: ImageSlice) -> ConvolutionShape {
    let s = shape(height: input.height, width: input.width)
    precondition(
      input.channels == inputChannels && output.channels == outputChannels
        && output.count == input.count && output.height == s.outputHeight
        && output.width == s.outputWidth, "from \(input.place) to \(output.place) by \(s)")
    return s
  }
}
