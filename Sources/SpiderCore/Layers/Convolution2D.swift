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

  /// (N, C in, H, W) to (N, C out, H', W').
  public func forward(_ input: Tensor, _ parameters: ParameterArena) -> Tensor {
    let s = shape(of: input)
    let images = input.shape[0]
    var output = Tensor(uninitialized: [images, outputChannels, s.outputHeight, s.outputWidth])
    let target = output.mutableSlice()
    let rows = s.rowsPerTile()
    let tiles = (s.outputHeight + rows - 1) / rows
    let weights = parameters[weight]
    Parallel.forEachWorker(splitting: images * tiles) { _, range in
      let columns = FloatSlice.scratch(s.taps * rows * s.outputWidth)
      for item in range {
        let first = item % tiles * rows
        let tile = first..<min(first + rows, s.outputHeight)
        let pixels = tile.count * s.outputWidth
        let start = item / tiles * s.outputCount + first * s.outputWidth
        let out = target.part(start, (outputChannels - 1) * s.outputPlane + pixels)
        Kernels.im2col(input.entry(item / tiles), s, rows: tile, into: columns)
        BLAS.multiply(
          m: outputChannels, n: pixels, k: s.taps, .rows(weights, stride: s.taps),
          .rows(columns, stride: pixels), into: out, stride: s.outputPlane)
        if let bias {
          Kernels.addChannelBias(
            parameters[bias], to: out, count: pixels, stride: s.outputPlane)
        }
      }
    }
    return output
  }

  /// The gradient of the input from that of the output; adds the parameters' gradients to the pool.
  /// Without `needsInputGradient` (the first layer) the result is nil.
  public func backward(
    _ gradient: Tensor, input: Tensor, _ parameters: ParameterArena, _ pool: GradientPool,
    needsInputGradient: Bool = true
  ) -> Tensor? {
    let s = shape(of: input)
    let images = input.shape[0]
    var inputGradient = needsInputGradient ? Tensor(input.shape) : nil
    let target = inputGradient?.mutableSlice()
    let rows = s.rowsPerTile(bytes: 256 * 1024)
    let weights = parameters[weight]
    Parallel.forEachWorker(splitting: images, limit: pool.workerCount) { worker, range in
      let columns = FloatSlice.scratch(s.taps * rows * s.outputWidth)
      let weightGradient = pool.slice(weight, worker: worker)
      for image in range {
        let upstream = gradient.entry(image)
        for first in Swift.stride(from: 0, to: s.outputHeight, by: rows) {
          let tile = first..<min(first + rows, s.outputHeight)
          let pixels = tile.count * s.outputWidth
          let up = upstream.part(
            first * s.outputWidth, (outputChannels - 1) * s.outputPlane + pixels)
          Kernels.im2col(input.entry(image), s, rows: tile, into: columns)
          // dW += dY columns^T
          BLAS.multiply(
            m: outputChannels, n: s.taps, k: pixels, .rows(up, stride: s.outputPlane),
            .transposed(columns, stride: pixels), into: weightGradient, stride: s.taps, beta: 1)
          if let target {
            // The columns' gradient is W^T dY; it overwrites the columns, which are no longer needed.
            BLAS.multiply(
              m: s.taps, n: pixels, k: outputChannels, .transposed(weights, stride: s.taps),
              .rows(up, stride: s.outputPlane), into: columns, stride: pixels)
            Kernels.addColumns(
              columns, s, rows: tile, to: target.part(image * s.inputCount, s.inputCount))
          }
        }
        if let bias {
          Kernels.addRowSums(
            upstream, count: s.outputPlane, stride: s.outputPlane,
            to: pool.slice(bias, worker: worker))
        }
      }
    }
    return inputGradient
  }

  private func shape(of input: Tensor) -> ConvolutionShape {
    precondition(
      input.shape.count == 4 && input.shape[1] == inputChannels,
      "images of shape \(input.shape) for \(inputChannels) channels")
    return shape(height: input.shape[2], width: input.shape[3])
  }
}
