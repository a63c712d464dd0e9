internal import CSpiderKernels
import SpiderSupport

/// Halves an image by means of 2x2 pixels: (N, C, H, W) to (N, C, H/2, W/2), H and W even.
package enum AveragePool {
  /// The means.
  package static func forward(_ input: ImageSlice, into output: ImageSlice) {
    forEachPlane(halves: output, wholes: input) { half, whole in
      forward(plane: whole, height: input.height, width: input.width, into: half)
    }
  }

  /// Adds to the gradient of the input a quarter of each mean's to each of its pixels: the input may
  /// have been read by others too.
  package static func backward(_ gradient: ImageSlice, addingTo inputGradient: ImageSlice) {
    let (height, width) = (inputGradient.height, inputGradient.width)
    forEachPlane(halves: gradient, wholes: inputGradient) { half, whole in
      backward(plane: half, height: height, width: width, addingTo: whole)
    }
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
    forEachPlane(halves: input, wholes: output) { half, whole in
      forward(plane: half, height: input.height, width: input.width, into: whole)
    }
  }

  /// The gradient of the input: the sum over the four copies.
  package static func backward(_ gradient: ImageSlice, into inputGradient: ImageSlice) {
    let (height, width) = (inputGradient.height, inputGradient.width)
    forEachPlane(halves: inputGradient, wholes: gradient) { half, whole in
      backward(plane: whole, height: height, width: width, into: half)
    }
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

/// Runs `body` for each plane of two batches, one of half the other's height and width; the workers
/// share the planes.
private func forEachPlane(
  halves: ImageSlice, wholes: ImageSlice,
  _ body: @Sendable (_ half: FloatSlice, _ whole: FloatSlice) -> Void
) {
  precondition(
    halves.count == wholes.count && halves.channels == wholes.channels
      && 2 * halves.height == wholes.height && 2 * halves.width == wholes.width,
    "\(wholes.place) halved is not \(halves.place)")
  Parallel.forEachWorker(splitting: halves.count * halves.channels) { _, range in
    for plane in range {
      let (n, c) = (plane / halves.channels, plane % halves.channels)
      body(halves.channels(c..<c + 1, of: n), wholes.channels(c..<c + 1, of: n))
    }
  }
}
