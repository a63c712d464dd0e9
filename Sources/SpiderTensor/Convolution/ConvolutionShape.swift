/// The sizes of a square 2D convolution over one image.
package struct ConvolutionShape: Equatable, Sendable {
  /// Channels in.
  package var inputChannels: Int
  /// Channels out.
  package var outputChannels: Int
  /// Rows of the input.
  package var height: Int
  /// Columns of the input.
  package var width: Int
  /// Width of the kernel, K.
  package var kernel: Int
  /// Step between windows.
  package var stride: Int
  /// Zeros added on each side.
  package var padding: Int

  /// Sets all sizes.
  package init(
    inputChannels: Int, outputChannels: Int, height: Int, width: Int, kernel: Int, stride: Int = 1,
    padding: Int
  ) {
    self.inputChannels = inputChannels
    self.outputChannels = outputChannels
    self.height = height
    self.width = width
    self.kernel = kernel
    self.stride = stride
    self.padding = padding
  }

  /// Rows of the output.
  package var outputHeight: Int { (height + 2 * padding - kernel) / stride + 1 }
  /// Columns of the output.
  package var outputWidth: Int { (width + 2 * padding - kernel) / stride + 1 }
  /// Numbers in a window: C K K, the inner dimension of the matrix product.
  package var taps: Int { inputChannels * kernel * kernel }
  /// Numbers of one input image.
  package var inputCount: Int { inputChannels * height * width }
  /// Numbers of one output plane.
  package var outputPlane: Int { outputHeight * outputWidth }
  /// Numbers of one output image.
  package var outputCount: Int { outputChannels * outputPlane }

  /// The convolution of stride 1 that takes the gradient of the output to that of the input, on kernels
  /// turned by 180 degrees with their channel axes swapped.
  var adjoint: ConvolutionShape {
    precondition(stride == 1, "the adjoint of a step of \(stride) is no convolution")
    return ConvolutionShape(
      inputChannels: outputChannels, outputChannels: inputChannels, height: outputHeight,
      width: outputWidth, kernel: kernel, stride: 1, padding: kernel - 1 - padding)
  }

  /// Output rows that one tile takes: as many as keep its columns within `bytes` (half an L2 cache),
  /// at least one.
  package func rowsPerTile(bytes: Int = 512 * 1024) -> Int {
    max(1, min(outputHeight, bytes / (4 * taps * outputWidth)))
  }
}
