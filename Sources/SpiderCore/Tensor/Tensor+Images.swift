extension Tensor {
  /// The planes (N times C), rows and columns of a batch of images of shape (N, C, H, W).
  var planes: (count: Int, height: Int, width: Int) {
    precondition(shape.count == 4, "images have shape (N, C, H, W), not \(shape)")
    return (shape[0] * shape[1], shape[2], shape[3])
  }
}

extension Tensor {
  /// y += x, over all cores.
  static func add(_ x: Tensor, to y: inout Tensor) {
    let (from, to) = (x.slice, y.mutableSlice())
    Parallel.forEachWorker(splitting: x.count) { _, range in
      Kernels.add(
        from.part(range.lowerBound, range.count), to: to.part(range.lowerBound, range.count))
    }
  }
}
