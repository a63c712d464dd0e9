/// Stacks the channels of two batches of images: (N, A, H, W) and (N, B, H, W) to (N, A+B, H, W).
public enum ChannelConcatenation {
  /// The channels of `first`, then those of `second`.
  public static func forward(_ first: Tensor, _ second: Tensor) -> Tensor {
    let (a, b) = (first.shape, second.shape)
    precondition(
      a.count == 4 && b.count == 4 && a[0] == b[0] && a[2] == b[2] && a[3] == b[3],
      "channels of \(a) and \(b) cannot be stacked")
    var output = Tensor(uninitialized: [a[0], a[1] + b[1], a[2], a[3]])
    let y = output.mutableSlice()
    let (sizeA, sizeB) = (first.count / a[0], second.count / a[0])
    Parallel.forEach(a[0]) { n in
      y.part(n * (sizeA + sizeB), sizeA).copy(from: first.entry(n))
      y.part(n * (sizeA + sizeB) + sizeA, sizeB).copy(from: second.entry(n))
    }
    return output
  }

  /// The gradients of both inputs; the first one had `channels` channels.
  public static func backward(_ gradient: Tensor, firstChannels channels: Int) -> (Tensor, Tensor) {
    let s = gradient.shape
    var first = Tensor(uninitialized: [s[0], channels, s[2], s[3]])
    var second = Tensor(uninitialized: [s[0], s[1] - channels, s[2], s[3]])
    let (da, db) = (first.mutableSlice(), second.mutableSlice())
    let (sizeA, sizeB) = (first.count / s[0], second.count / s[0])
    Parallel.forEach(s[0]) { n in
      let up = gradient.entry(n)
      da.part(n * sizeA, sizeA).copy(from: up.part(0, sizeA))
      db.part(n * sizeB, sizeB).copy(from: up.part(sizeA, sizeB))
    }
    return (first, second)
  }
}
