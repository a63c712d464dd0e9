/// Counts along the three axes of a volume (D, H, W): sizes, kernels, strides, paddings.
package struct Extent3D: Equatable, Sendable {
  /// Along D, the slowest axis.
  package var depth: Int
  /// Along H.
  package var height: Int
  /// Along W, the fastest axis.
  package var width: Int

  /// One count an axis.
  package init(depth: Int, height: Int, width: Int) {
    self.depth = depth
    self.height = height
    self.width = width
  }

  /// The same along each axis.
  package init(_ all: Int) {
    self.init(depth: all, height: all, width: all)
  }

  /// Along H and W, and `depth` (that which changes nothing) along D: what an image's convolution is
  /// in three dimensions.
  package init(image all: Int, depth: Int) {
    self.init(depth: depth, height: all, width: all)
  }

  /// The product of the three.
  package var count: Int { depth * height * width }

  /// The smallest of the three.
  var least: Int { min(depth, height, width) }

  /// A function of the counts of each axis.
  func combined(
    with a: Extent3D, _ b: Extent3D, _ c: Extent3D, _ body: (Int, Int, Int, Int) -> Int
  ) -> Extent3D {
    Extent3D(
      depth: body(depth, a.depth, b.depth, c.depth),
      height: body(height, a.height, b.height, c.height),
      width: body(width, a.width, b.width, c.width))
  }
}

/// The sizes of a convolution over one volume (C, D, H, W). An image is a volume of depth 1, and its
/// kernel one of depth 1.
package struct ConvolutionShape: Equatable, Sendable {
  /// Channels in.
  package var inputChannels: Int
  /// Channels out.
  package var outputChannels: Int
  /// The input volume.
  package var input: Extent3D
  /// The kernel, K.
  package var kernel: Extent3D
  /// Step between windows.
  package var stride: Extent3D
  /// Zeros added on each side.
  package var padding: Extent3D

  /// The sizes of a convolution; the padded input must hold at least one window.
  package init(
    inputChannels: Int, outputChannels: Int, input: Extent3D, kernel: Extent3D, stride: Extent3D,
    padding: Extent3D
  ) {
    self.inputChannels = inputChannels
    self.outputChannels = outputChannels
    self.input = input
    self.kernel = kernel
    self.stride = stride
    self.padding = padding
    precondition(
      min(kernel.least, stride.least, padding.least + 1) > 0,
      "a kernel of \(kernel), a stride of \(stride), a padding of \(padding)")
    let room = input.combined(with: padding, kernel, stride) { size, padding, kernel, _ in
      size + 2 * padding - kernel + 1
    }
    precondition(
      room.least > 0,
      "a kernel of \(kernel) over a volume of \(input) with padding \(padding)")
  }

  /// The sizes of a convolution over an image with a square kernel.
  package init(
    inputChannels: Int, outputChannels: Int, height: Int, width: Int, kernel: Int, stride: Int = 1,
    padding: Int
  ) {
    self.init(
      inputChannels: inputChannels, outputChannels: outputChannels,
      input: Extent3D(depth: 1, height: height, width: width),
      kernel: Extent3D(image: kernel, depth: 1), stride: Extent3D(image: stride, depth: 1),
      padding: Extent3D(image: padding, depth: 0))
  }

  /// The convolution whose adjoint takes `volume` to a volume (size - 1) stride - 2 padding + kernel +
  /// `outputPadding`: the transposed convolution. Its input is the larger volume.
  init(
    transposing volume: Extent3D, inputChannels: Int, outputChannels: Int, kernel: Extent3D,
    stride: Extent3D, padding: Extent3D, outputPadding: Extent3D
  ) {
    let covered = volume.combined(with: stride, padding, kernel) { size, stride, padding, kernel in
      (size - 1) * stride - 2 * padding + kernel
    }
    let larger = covered.combined(with: outputPadding, stride, padding) { size, extra, stride, _ in
      precondition(
        size + extra > 0 && extra >= 0 && extra < stride,
        "a transposed convolution to \(size) voxels and \(extra) more, with a stride of \(stride)")
      return size + extra
    }
    self.init(
      inputChannels: outputChannels, outputChannels: inputChannels, input: larger, kernel: kernel,
      stride: stride, padding: padding)
  }

  /// The output volume.
  package var output: Extent3D {
    input.combined(with: padding, kernel, stride) { size, padding, kernel, stride in
      (size + 2 * padding - kernel) / stride + 1
    }
  }
  /// Numbers in a window: C K K K, the inner dimension of the matrix product.
  package var taps: Int { inputChannels * kernel.count }
  /// Numbers of one input.
  package var inputCount: Int { inputChannels * input.count }
  /// Numbers of one output.
  package var outputCount: Int { outputChannels * output.count }
  /// Numbers of the weights (C out, C in, K, K, K).
  package var weightCount: Int { outputChannels * taps }

  /// The convolution of stride 1 that takes the gradient of the output to that of the input, on kernels
  /// turned about their centre with their channel axes swapped.
  var adjoint: ConvolutionShape {
    precondition(stride == Extent3D(1), "the adjoint of a step of \(stride) is no convolution")
    return ConvolutionShape(
      inputChannels: outputChannels, outputChannels: inputChannels, input: output, kernel: kernel,
      stride: stride,
      padding: kernel.combined(with: padding, padding, padding) { kernel, padding, _, _ in
        kernel - 1 - padding
      })
  }

  /// Whether it is the convolution of an image.
  var isPlanar: Bool { input.depth == 1 && kernel.depth == 1 }
  /// Whether a window is one voxel and the output as large as the input: then the input is its own
  /// columns.
  var isPointwise: Bool {
    kernel.count == 1 && stride == Extent3D(1) && padding == Extent3D(0)
  }
}
