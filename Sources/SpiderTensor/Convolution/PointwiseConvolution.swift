import SpiderSupport

/// A convolution with 1x1 kernels and stride 1: one matrix product an image, images as they lie.
package struct PointwiseConvolution2D: ConvolutionMethod2D {
  private let shape: ConvolutionShape
  private let images: Int
  private let workers: Int

  /// Pixels of a piece of work. Fixed, so that results do not depend on the number of workers.
  private static let tile = 1024
  /// Output channels of a piece of the gradient of the weights, likewise.
  private static let channelsAtOnce = 32

  package init(_ shape: ConvolutionShape, images: Int, workers: Int) {
    precondition(
      shape.kernel == 1 && shape.stride == 1 && shape.padding == 0,
      "kernel \(shape.kernel), stride \(shape.stride), padding \(shape.padding) in place of 1, 1, 0"
    )
    self.shape = shape
    self.images = images
    self.workers = workers
  }

  package let forwardScratchCount = 0
  package let dataScratchCount = 0
  package let weightScratchCount = 0

  package func forward(
    _ input: FloatSlice, weights: FloatSlice, bias: FloatSlice?, into output: FloatSlice,
    scratch: FloatSlice
  ) {
    multiply(
      .rows(weights, stride: shape.inputChannels), rows: shape.outputChannels, input,
      channels: shape.inputChannels, bias: bias, into: output)
  }

  package func backwardData(
    _ gradient: FloatSlice, weights: FloatSlice, into inputGradient: FloatSlice,
    scratch: FloatSlice
  ) {
    multiply(
      .transposed(weights, stride: shape.inputChannels), rows: shape.inputChannels, gradient,
      channels: shape.outputChannels, bias: nil, into: inputGradient)
  }

  /// y = matrix x + bias for every image, by tiles of pixels.
  private func multiply(
    _ matrix: Matrix, rows: Int, _ x: FloatSlice, channels: Int, bias: FloatSlice?,
    into y: FloatSlice
  ) {
    let plane = shape.outputPlane
    let tiles = (plane + Self.tile - 1) / Self.tile
    Parallel.forEachWorker(splitting: images * tiles, limit: workers) { _, range in
      for item in range {
        let (image, first) = (item / tiles, item % tiles * Self.tile)
        let pixels = min(Self.tile, plane - first)
        let out = y.part(image * rows * plane + first, (rows - 1) * plane + pixels)
        BLAS.multiply(
          m: rows, n: pixels, k: channels, matrix,
          .rows(
            x.part(image * channels * plane + first, (channels - 1) * plane + pixels),
            stride: plane),
          into: out, stride: plane)
        if let bias {
          Elements.addChannelBias(bias, to: out, count: pixels, stride: plane)
        }
      }
    }
  }

  package func backwardWeights(
    _ gradient: FloatSlice, input: FloatSlice, addingTo weightGradient: FloatSlice,
    scratch: FloatSlice
  ) {
    let (plane, inputs) = (shape.outputPlane, shape.inputChannels)
    let size = Self.channelsAtOnce
    let groups = (shape.outputChannels + size - 1) / size
    Parallel.forEachWorker(splitting: groups, limit: workers) { _, range in
      for group in range {
        let first = group * size
        let count = min(size, shape.outputChannels - first)
        for image in 0..<images {
          BLAS.multiply(
            m: count, n: inputs, k: plane,
            .rows(
              gradient.part(image * shape.outputCount + first * plane, count * plane),
              stride: plane),
            .transposed(input.part(image * shape.inputCount, shape.inputCount), stride: plane),
            into: weightGradient.part(first * inputs, count * inputs), stride: inputs, beta: 1)
        }
      }
    }
  }
}
