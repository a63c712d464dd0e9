/// Halves an image by means of 2x2 pixels: (N, C, H, W) to (N, C, H/2, W/2), H and W even.
public enum AveragePool {
  /// The means.
  public static func forward(_ input: Tensor) -> Tensor {
    let (planes, h, w) = input.planes
    precondition(h % 2 == 0 && w % 2 == 0, "images of \(h) x \(w) cannot be halved")
    var output = Tensor(uninitialized: [input.shape[0], input.shape[1], h / 2, w / 2])
    let y = output.mutableSlice()
    Parallel.forEachWorker(splitting: planes) { _, range in
      Kernels.averagePool(
        input.slice.part(range.lowerBound * h * w, range.count * h * w), planes: range.count,
        height: h, width: w,
        into: y.part(range.lowerBound * h * w / 4, range.count * h * w / 4))
    }
    return output
  }

  /// The gradient of the input: a quarter of the mean's to each of its pixels.
  public static func backward(_ gradient: Tensor) -> Tensor {
    let (planes, h, w) = gradient.planes
    var output = Tensor(uninitialized: [gradient.shape[0], gradient.shape[1], 2 * h, 2 * w])
    let dx = output.mutableSlice()
    Parallel.forEachWorker(splitting: planes) { _, range in
      Kernels.averagePoolBackward(
        gradient.slice.part(range.lowerBound * h * w, range.count * h * w), planes: range.count,
        height: 2 * h, width: 2 * w,
        into: dx.part(range.lowerBound * h * w * 4, range.count * h * w * 4))
    }
    return output
  }
}
