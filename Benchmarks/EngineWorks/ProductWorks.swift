import SpiderCore
import SpiderSupport
import SpiderTensor

/// Matrix products by `sgemm` at the shapes of the decoder, tiles of points shared by all workers: the
/// peak against which everything else is measured.
enum ProductWorks {
  private static let points = 65_536

  static let all: [Work] = [64, 128, 256].flatMap { width in
    [64, 512, 2048].map { work(width: width, tile: $0) }
  }

  private static func work(width: Int, tile: Int) -> Work {
    Work(
      name: "sgemm \(width) tile \(tile)",
      operations: 2 * Double(points) * Double(width * width)
    ) {
      let weights = FloatSlice.scratch(width * width)
      weights.fill(0.01)
      let tiles = points / tile
      // Each worker's tile stays in its cache, as in the decoder: the product is timed, not memory.
      return {
        Parallel.forEachWorker(splitting: tiles) { _, range in
          let (x, y) = (FloatSlice.scratch(tile * width), FloatSlice.scratch(tile * width))
          x.fill(0.5)
          for _ in range {
            BLAS.multiply(
              m: tile, n: width, k: width, .rows(x, stride: width), .rows(weights, stride: width),
              into: y, stride: width)
          }
        }
      }
    }
  }
}
