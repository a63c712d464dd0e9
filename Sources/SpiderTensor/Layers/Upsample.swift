import SpiderSupport
internal import CSpiderKernels

/// Doubles an image by repeating pixels: (N, C, H, W) to (N, C, 2H, 2W).
package enum Upsample {
  /// Every pixel twice in each direction.
  package static func forward(_ input: ImageSlice, into output: ImageSlice) {
    checkDoubles(output, of: input)
    Parallel.forEachWorker(splitting: input.count * input.channels) { _, range in
      for plane in range {
        let (n, c) = (plane / input.channels, plane % input.channels)
        forward(
          plane: input.channels(c..<c + 1, of: n), height: input.height, width: input.width,
          into: output.channels(c..<c + 1, of: n))
      }
    }
  }

  /// The gradient of the input: the sum over the four copies.
  package static func backward(_ gradient: ImageSlice, into inputGradient: ImageSlice) {
    checkDoubles(gradient, of: inputGradient)
    Parallel.forEachWorker(splitting: gradient.count * gradient.channels) { _, range in
      for plane in range {
        let (n, c) = (plane / gradient.channels, plane % gradient.channels)
        backward(
          plane: gradient.channels(c..<c + 1, of: n), height: inputGradient.height,
          width: inputGradient.width, into: inputGradient.channels(c..<c + 1, of: n))
      }
    }
  }

  private static func checkDoubles(_ large: ImageSlice, of small: ImageSlice) {
    precondition(
      small.count == large.count && small.channels == large.channels
        && 2 * small.height == large.height && 2 * small.width == large.width,
      "\(small.place) doubled is not \(large.place)")
  }

  /// Repeats every pixel of a plane twice in each direction.
  package static func forward(
    plane x: FloatSlice, height: Int, width: Int, into y: FloatSlice
  ) {
    let count = height * width
    unsafe spider_upsample(
      x.address(count), Int32(height), Int32(width), y.mutableAddress(count * 4))
  }

  /// The adjoint of the doubling of a plane; height and width are those of dx.
  package static func backward(
    plane dy: FloatSlice, height: Int, width: Int, into dx: FloatSlice
  ) {
    let count = height * width
    unsafe spider_upsample_backward(
      dy.address(count * 4), Int32(height), Int32(width), dx.mutableAddress(count))
  }
}
