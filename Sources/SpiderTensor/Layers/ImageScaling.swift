internal import CSpiderKernels
import SpiderSupport

/// Halves an image by means of 2x2 pixels: (N, C, H, W) to (N, C, H/2, W/2), H and W even.
package enum AveragePool {
  /// The means.
  package static func forward(_ input: ImageSlice, into output: ImageSlice) {
    checkHalves(output, of: input)
    Parallel.forEachWorker(splitting: input.count * input.channels) { _, range in
      for plane in range {
        let (n, c) = (plane / input.channels, plane % input.channels)
        forward(
          plane: input.channels(c..<c + 1, of: n), height: input.height, width: input.width,
          into: output.channels(c..<c + 1, of: n))
      }
    }
  }

  /// Adds to the gradient of the input a quarter of each mean's to each of its pixels: the input may
  /// have been read by others too.
  package static func backward(_ gradient: ImageSlice, addingTo inputGradient: ImageSlice) {
    checkHalves(gradient, of: inputGradient)
    Parallel.forEachWorker(splitting: gradient.count * gradient.channels) { _, range in
      for plane in range {
        let (n, c) = (plane / gradient.channels, plane % gradient.channels)
        backward(
          plane: gradient.channels(c..<c + 1, of: n), height: inputGradient.height,
          width: inputGradient.width, addingTo: inputGradient.channels(c..<c + 1, of: n))
      }
    }
  }

  private static func checkHalves(_ small: ImageSlice, of large: ImageSlice) {
    precondition(
      small.count == large.count && small.channels == large.channels
        && 2 * small.height == large.height && 2 * small.width == large.width,
      "\(large.place) halved is not \(small.place)")
  }

  /// Means of 2x2 pixels of a plane of height x width, both even.
  package static func forward(
    plane x: FloatSlice, height: Int, width: Int, into y: FloatSlice
  ) {
    let count = height * width
    unsafe spider_average_pool(
      x.address(count), Int32(height), Int32(width), y.mutableAddress(count / 4))
  }

  /// The adjoint of the means of a plane, added; height and width are those of dx.
  package static func backward(
    plane dy: FloatSlice, height: Int, width: Int, addingTo dx: FloatSlice
  ) {
    let count = height * width
    unsafe spider_average_pool_backward(
      dy.address(count / 4), Int32(height), Int32(width), dx.mutableAddress(count))
  }
}

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
