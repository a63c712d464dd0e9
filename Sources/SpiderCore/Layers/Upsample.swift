/// Doubles an image by repeating pixels: (N, C, H, W) to (N, C, 2H, 2W).
public enum Upsample {
  /// Every pixel twice in each direction.
  public static func forward(_ input: Tensor) -> Tensor {
    let (planes, h, w) = input.planes
    var output = Tensor(uninitialized: [input.shape[0], input.shape[1], 2 * h, 2 * w])
    let y = output.mutableSlice()
    Parallel.forEachWorker(splitting: planes) { _, range in
      Kernels.upsample(
        input.slice.part(range.lowerBound * h * w, range.count * h * w), planes: range.count,
        height: h, width: w,
        into: y.part(range.lowerBound * h * w * 4, range.count * h * w * 4))
    }
    return output
  }

  /// The gradient of the input: the sum over the four copies.
  public static func backward(_ gradient: Tensor) -> Tensor {
    let (planes, h2, w2) = gradient.planes
    let (h, w) = (h2 / 2, w2 / 2)
    var output = Tensor(uninitialized: [gradient.shape[0], gradient.shape[1], h, w])
    let dx = output.mutableSlice()
    Parallel.forEachWorker(splitting: planes) { _, range in
      Kernels.upsampleBackward(
        gradient.slice.part(range.lowerBound * h * w * 4, range.count * h * w * 4),
        planes: range.count, height: h, width: w,
        into: dx.part(range.lowerBound * h * w, range.count * h * w))
    }
    return output
  }
}
