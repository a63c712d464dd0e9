import SpiderSupport

/// A convolution of any kernel, stride and padding by columns: the windows of a tile of output rows
/// are copied into columns that stay in the L2 cache (im2col), then one `sgemm` makes the tile.
///
/// The general path, and the reference of the fast ones. Tiles and groups of channels are fixed by
/// the shape, so results do not depend on the number of workers.
package struct ColumnConvolution2D: ConvolutionMethod2D {
  private let shape: ConvolutionShape
  private let images: Int
  private let workers: Int
  /// Sizes of a group of input channels, the unit of work of the backward passes: no two groups write
  /// the same number.
  private let group: ConvolutionShape

  package init(_ shape: ConvolutionShape, images: Int, workers: Int) {
    self.shape = shape
    self.images = images
    self.workers = workers
    // Sixteen channels make products wide enough; of fewer than 32, halves, so that two workers have
    // work even with one image.
    var group = shape
    group.inputChannels = min(16, (shape.inputChannels + 1) / 2)
    self.group = group
    forward = Tiling(shape, bytes: 512 * 1024)
    backward = Tiling(group, bytes: 256 * 1024)
  }

  /// The tiles of output rows of one image.
  private struct Tiling {
    let rows: Int
    let count: Int
    let columns: Int
    private let height: Int

    init(_ s: ConvolutionShape, bytes: Int) {
      rows = s.rowsPerTile(bytes: bytes)
      count = (s.outputHeight + rows - 1) / rows
      columns = s.taps * rows * s.outputWidth
      height = s.outputHeight
    }

    subscript(index: Int) -> Range<Int> { index * rows..<min((index + 1) * rows, height) }
  }

  private let forward: Tiling
  private let backward: Tiling

  package var forwardScratchCount: Int { workers * forward.columns }
  package var dataScratchCount: Int { workers * backward.columns }
  package var weightScratchCount: Int { workers * backward.columns }

  /// The given rows of output channels `channels` of one image, planes apart.
  private func part(
    of output: FloatSlice, image: Int, channels: Range<Int>, rows: Range<Int>
  ) -> FloatSlice {
    output.part(
      image * shape.outputCount + channels.lowerBound * shape.outputPlane
        + rows.lowerBound * shape.outputWidth,
      (channels.count - 1) * shape.outputPlane + rows.count * shape.outputWidth)
  }

  // MARK: Forward

  package func forward(
    _ input: FloatSlice, weights: FloatSlice, bias: FloatSlice?, into output: FloatSlice,
    scratch: FloatSlice
  ) {
    let s = shape
    Parallel.forEachWorker(splitting: images * forward.count, limit: workers) { worker, range in
      let columns = scratch.part(worker * forward.columns, forward.columns)
      for item in range {
        let (image, rows) = (item / forward.count, forward[item % forward.count])
        let pixels = rows.count * s.outputWidth
        let out = part(of: output, image: image, channels: 0..<s.outputChannels, rows: rows)
        ImageKernels.im2col(
          input.part(image * s.inputCount, s.inputCount), s, rows: rows, into: columns)
        BLAS.multiply(
          m: s.outputChannels, n: pixels, k: s.taps, .rows(weights, stride: s.taps),
          .rows(columns, stride: pixels), into: out, stride: s.outputPlane)
        if let bias {
          Elements.addChannelBias(bias, to: out, count: pixels, stride: s.outputPlane)
        }
      }
    }
  }

  // MARK: Backward

  private var groups: Int { (shape.inputChannels + group.inputChannels - 1) / group.inputChannels }

  /// The first channel and the sizes of a group; the last one may be smaller.
  private func group(_ index: Int) -> (first: Int, ConvolutionShape) {
    var sizes = group
    let first = index * group.inputChannels
    sizes.inputChannels = min(group.inputChannels, shape.inputChannels - first)
    return (first, sizes)
  }

  /// Every image and group of input channels by itself: the columns' gradient is W^T dY.
  package func backwardData(
    _ gradient: FloatSlice, weights: FloatSlice, into inputGradient: FloatSlice,
    scratch: FloatSlice
  ) {
    let s = shape
    Parallel.forEachWorker(splitting: images * groups, limit: workers) { worker, range in
      let columns = scratch.part(worker * backward.columns, backward.columns)
      for item in range {
        let image = item / groups
        let (first, sizes) = group(item % groups)
        let target = inputGradient.part(
          image * s.inputCount + first * s.height * s.width, sizes.inputCount)
        let (tap, taps) = (first * s.kernel * s.kernel, sizes.taps)
        let groupWeights = weights.part(tap, (s.outputChannels - 1) * s.taps + taps)
        target.fill(0)
        for tile in 0..<backward.count {
          let rows = backward[tile]
          let pixels = rows.count * s.outputWidth
          BLAS.multiply(
            m: taps, n: pixels, k: s.outputChannels, .transposed(groupWeights, stride: s.taps),
            .rows(
              part(of: gradient, image: image, channels: 0..<s.outputChannels, rows: rows),
              stride: s.outputPlane),
            into: columns, stride: pixels)
          ImageKernels.addColumns(columns, sizes, rows: rows, to: target)
        }
      }
    }
  }

  /// Every group of input channels by itself: dW += dY columns^T. The kernels of a single input
  /// channel are split by output channels instead, whose columns are few.
  package func backwardWeights(
    _ gradient: FloatSlice, input: FloatSlice, addingTo weightGradient: FloatSlice,
    scratch: FloatSlice
  ) {
    let s = shape
    let outputs = s.inputChannels == 1 ? min(16, s.outputChannels) : s.outputChannels
    let parts = (s.outputChannels + outputs - 1) / outputs
    Parallel.forEachWorker(splitting: groups * parts, limit: workers) { worker, range in
      let columns = scratch.part(worker * backward.columns, backward.columns)
      for item in range {
        let (first, sizes) = group(item / parts)
        let channels = item % parts * outputs..<min((item % parts + 1) * outputs, s.outputChannels)
        let (tap, taps) = (first * s.kernel * s.kernel, sizes.taps)
        let target = weightGradient.part(
          channels.lowerBound * s.taps + tap, (channels.count - 1) * s.taps + taps)
        for image in 0..<images {
          let source = input.part(
            image * s.inputCount + first * s.height * s.width, sizes.inputCount)
          for tile in 0..<backward.count {
            let rows = backward[tile]
            let pixels = rows.count * s.outputWidth
            ImageKernels.im2col(source, sizes, rows: rows, into: columns)
            BLAS.multiply(
              m: channels.count, n: taps, k: pixels,
              .rows(
                part(of: gradient, image: image, channels: channels, rows: rows),
                stride: s.outputPlane),
              .transposed(columns, stride: pixels), into: target, stride: s.taps, beta: 1)
          }
        }
      }
    }
  }
}
