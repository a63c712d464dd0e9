import SpiderCore
import SpiderSupport
import SpiderTensor

/// Volumes (N, C, depth, H, W) of which all slices are the same but for the outermost: what a kernel of
/// three makes of a repeated feature map (all but the first and the last), and what another makes of
/// that (all but two on either side). An odd number of slices tells all.
enum RepeatedSlices {
  /// From few slices to all: the middle one again and again.
  static func thickened(_ x: Tensor, depth: Int) -> Tensor {
    let s = x.shape
    var y = Tensor(uninitialized: [s[0], s[1], depth, s[3], s[4]])
    let (from, to) = (x.slice, y.mutableSlice())
    forEachSlice(s, depth) { plane, thin, thick in
      to.part(thick, plane).copy(from: from.part(thin, plane))
    }
    return y
  }

  /// The same in training.
  static func thickened(_ x: Activation, depth: Int, _ tape: Tape) -> Activation {
    let output = Activation(thickened(x.value, depth: depth))
    tape.record(output) { gradient, _ in
      var inputGradient = Tensor(x.shape)
      let (up, sums) = (gradient.slice, inputGradient.mutableSlice())
      forEachSlice(x.shape, depth) { plane, thin, thick in
        Elements.add(up.part(thick, plane), to: sums.part(thin, plane))
      }
      x.add(inputGradient)
    }
    return output
  }

  /// Runs `body` for every slice of the thick volume: numbers of a slice, and where it starts in the
  /// thin volume, whose shape is given, and in the thick one. One worker a channel.
  private static func forEachSlice(
    _ thin: [Int], _ depth: Int,
    _ body: @Sendable (_ plane: Int, _ thin: Int, _ thick: Int) -> Void
  ) {
    let (count, plane) = (thin[2], thin[3] * thin[4])
    let half = count / 2
    precondition(count % 2 == 1 && depth >= count, "\(count) slices of \(depth)")
    Parallel.forEachWorker(splitting: thin[0] * thin[1]) { _, range in
      for item in range {
        for slice in 0..<depth {
          let own = slice < half ? slice : max(half, slice - depth + count)
          body(plane, (item * count + own) * plane, (item * depth + slice) * plane)
        }
      }
    }
  }
}
