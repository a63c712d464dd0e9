import SpiderSupport

/// Doubles an image by repeating pixels: (N, C, H, W) to (N, C, 2H, 2W).
package enum Upsample {
  /// Every pixel twice in each direction.
  package static func forward(_ input: ImageSlice, into output: ImageSlice) {
    checkDoubles(output, of: input)
    Parallel.forEachWorker(splitting: input.count * input.channels) { _, range in
      for plane in range {
        let (n, c) = (plane / input.channels, plane % input.channels)
        ImageKernels.upsample(
          input.channels(c..<c + 1, of: n), height: input.height, width: input.width,
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
        ImageKernels.upsampleBackward(
          gradient.channels(c..<c + 1, of: n), height: inputGradient.height,
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
}
