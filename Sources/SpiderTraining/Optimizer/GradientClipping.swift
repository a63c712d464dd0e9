import SpiderCore
import SpiderSupport
import SpiderTensor

/// Limits the length of a gradient, so that one bad batch cannot throw the parameters away.
public enum GradientClipping {
  /// Numbers that one worker squares at once. The sums of the blocks are added up in order, so the norm
  /// is the same for any number of workers.
  private static let block = 1 << 16

  /// The Euclidean norm of a gradient; NaN or infinite when any number of it is.
  package static func norm(of gradient: FloatSlice) -> Double {
    let blocks = (gradient.count + block - 1) / block
    return Parallel.map(blocks) { index in
      let start = index * block
      return Elements.sumOfSquares(gradient.part(start, min(block, gradient.count - start)))
    }.reduce(0, +).squareRoot()
  }

  /// The factor that brings a norm down to `limit`; 1 below it.
  public static func scale(norm: Double, limit: Double) -> Double {
    norm > limit ? limit / norm : 1
  }
}
