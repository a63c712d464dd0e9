import SpiderCore
import SpiderSupport
import SpiderTensor

/// A limit on the length of a gradient, so that one bad batch cannot throw the parameters away.
package enum GradientClipping {
  /// Numbers that one worker squares at once. The sums of the tiles are added up in order, so the norm
  /// is the same for any number of workers.
  private static let tile = 1 << 16

  /// The Euclidean norm of a gradient; NaN or infinite when any number of it is.
  package static func norm(of gradient: FloatSlice) -> Double {
    let tiles = (gradient.count + tile - 1) / tile
    return Parallel.map(tiles) { index in
      let start = index * tile
      return Elements.sumOfSquares(gradient.part(start, min(tile, gradient.count - start)))
    }.reduce(0, +).squareRoot()
  }

  /// The factor that brings a norm down to `limit`; 1 below it.
  package static func scale(norm: Double, limit: Double) -> Double {
    norm > limit ? limit / norm : 1
  }
}
