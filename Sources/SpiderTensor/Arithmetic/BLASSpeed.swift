import SpiderSupport

internal import COpenBLAS

extension BLAS {
  /// How OpenBLAS was built, in its own words: version, threading, kernels.
  package static var configuration: String { unsafe String(cString: openblas_get_config()) }

  /// Billions of floating-point operations a second of square products, every worker its own.
  ///
  /// - Parameters:
  ///   - size: rows and columns.
  ///   - seconds: about how long it takes.
  ///   - workers: how many products run side by side.
  package static func gigaflops(size: Int = 512, seconds: Double, workers: Int) -> Double {
    let begun = ContinuousClock.now
    let counts = Parallel.withWorkerCount(workers) {
      Parallel.map(workers) { _ in
        let numbers = FloatBuffer(count: 3 * size * size, repeating: 0.5)
        let all = FloatSlice(numbers, count: 3 * size * size)
        let parts = (0..<3).map { all.part($0 * size * size, size * size) }
        var count = 0
        repeat {
          multiply(
            m: size, n: size, k: size, .rows(parts[0], stride: size), .rows(parts[1], stride: size),
            into: parts[2], stride: size)
          count += 1
        } while begun.duration(to: .now) < .seconds(seconds)
        return count
      }
    }
    let products = Double(counts.reduce(0, +))
    let passed = begun.duration(to: .now) / .seconds(1)
    return products * 2 * Double(size * size * size) / passed / 1e9
  }
}
