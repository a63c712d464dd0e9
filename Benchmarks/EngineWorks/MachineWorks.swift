import SpiderCore
import SpiderSupport
import SpiderTensor

/// Works that read memory against its grain, beside the plain copy that is their floor.
enum MemoryWorks {
  private static let grid = VoxelGrid.canonical(size: 192)

  static let all: [Work] =
    [
      Work(name: "copy 192^3", operations: 0) {
        let volume = makeVolume()
        return {
          var copy = volume.values
          copy[0] += 1  // Arrays are copied when they are first written.
          consume(copy)
        }
      }
    ]
    + [Orientation(code: "LPS"), Orientation(code: "ARS"), Orientation(code: "SAR")]
    .compactMap { $0 }.map { orientation in
      Work(name: "reorient 192^3 RAS to \(orientation)", operations: 0) {
        let volume = makeVolume()
        return { consume(volume.reoriented(to: orientation)) }
      }
    }

  private static func makeVolume() -> Volume {
    Volume(grid: grid, values: (0..<grid.count).map { Float($0 % 4096) - 1024 })
  }
}

/// Takes a result, so that the optimiser cannot leave out the work that made it.
@inline(never) func consume<Result>(_ result: Result) {}

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
