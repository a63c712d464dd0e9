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
  init(image all: Int, depth: Int) {
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
