import SpiderSupport

/// A convolution with kernels of one voxel and stride 1: one matrix product a volume, numbers as they
/// lie.
package struct PointwiseConvolution: ConvolutionAlgorithm {
  private let shape: ConvolutionShape
  private let images: Int
  private let workers: Int

  /// Pixels of a piece of work. Fixed, so that results do not depend on the number of workers.
  private static let tile = 1024
  /// Output channels of a piece of the gradient of the weights, likewise.
  private static let channelsAtOnce = 32
  /// Pieces of the gradient of the weights that are aimed at where channels are few, and the fewest
  /// pixels of each.
  private static let (pieces, leastShare) = (8, 64 * 1024)

  package init(_ shape: ConvolutionShape, images: Int, workers: Int) {
    precondition(
      shape.isPointwise,
      "kernel \(shape.kernel), stride \(shape.stride), padding \(shape.padding) in place of 1, 1, 0"
    )
    self.shape = shape
    self.images = images
    self.workers = workers
  }

  package let forwardScratchCount = 0
  package let dataScratchCount = 0
  package var weightScratchCount: Int { shares > 1 ? shares * shape.weightCount : 0 }

  package func forward(
    _ input: FloatSlice, weights: FloatSlice, bias: FloatSlice?, into output: FloatSlice,
    adding: Bool, scratch: FloatSlice
  ) {
    multiply(
      .rows(weights, stride: shape.inputChannels), rows: shape.outputChannels, input,
      channels: shape.inputChannels, bias: bias, into: output, adding: adding)
  }

  package func backwardData(
    _ gradient: FloatSlice, weights: FloatSlice, bias: FloatSlice?,
    into inputGradient: FloatSlice, scratch: FloatSlice
  ) {
    multiply(
      .transposed(weights, stride: shape.inputChannels), rows: shape.inputChannels, gradient,
      channels: shape.outputChannels, bias: bias, into: inputGradient, adding: false)
  }

  /// y = matrix x + bias for every volume, by tiles of pixels.
  private func multiply(
    _ matrix: Matrix, rows: Int, _ x: FloatSlice, channels: Int, bias: FloatSlice?,
    into y: FloatSlice, adding: Bool
  ) {
    let plane = shape.output.count
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
          into: out, stride: plane, beta: adding ? 1 : 0)
        if let bias {
          Elements.addChannelBias(bias, to: out, count: pixels, stride: plane)
        }
      }
    }
  }

  private var groups: Int {
    (shape.outputChannels + Self.channelsAtOnce - 1) / Self.channelsAtOnce
  }

  /// Shares of the pixels, each with a sum of its own.
  private var shares: Int {
    max(1, min(Self.pieces / groups, images * shape.output.count / Self.leastShare))
  }

  /// Every group of output channels and share of the pixels by itself: dW += dY X^T.
  package func backwardWeights(
    _ gradient: FloatSlice, input: FloatSlice, addingTo weightGradient: FloatSlice,
    scratch: FloatSlice
  ) {
    let (groups, shares, pixels) = (groups, shares, images * shape.output.count)
    let sums = (0..<shares).map {
      shares == 1
        ? weightGradient : scratch.part($0 * shape.weightCount, shape.weightCount)
    }
    if shares > 1 { for sum in sums { sum.fill(0) } }
    Parallel.forEachWorker(splitting: groups * shares, limit: workers) { _, range in
      for item in range {
        let (first, share) = (item / shares * Self.channelsAtOnce, item % shares)
        addProducts(
          gradient, input: input,
          channels: first..<min(first + Self.channelsAtOnce, shape.outputChannels),
          pixels: share * pixels / shares..<(share + 1) * pixels / shares, to: sums[share])
      }
    }
    if shares > 1 { for sum in sums { Elements.add(sum, to: weightGradient) } }
  }

  /// The products over a range of the batch's pixels, volume by volume.
  private func addProducts(
    _ gradient: FloatSlice, input: FloatSlice, channels: Range<Int>, pixels: Range<Int>,
    to sum: FloatSlice
  ) {
    let (plane, inputs) = (shape.output.count, shape.inputChannels)
    var start = pixels.lowerBound
    while start < pixels.upperBound {
      let (image, first) = (start / plane, start % plane)
      let count = min(pixels.upperBound - start, plane - first)
      BLAS.multiply(
        m: channels.count, n: inputs, k: count,
        .rows(
          gradient.part(
            image * shape.outputCount + channels.lowerBound * plane + first,
            (channels.count - 1) * plane + count), stride: plane),
        .transposed(
          input.part(image * shape.inputCount + first, (inputs - 1) * plane + count),
          stride: plane),
        into: sum.part(channels.lowerBound * inputs, channels.count * inputs), stride: inputs,
        beta: 1)
      start += count
    }
  }
}
