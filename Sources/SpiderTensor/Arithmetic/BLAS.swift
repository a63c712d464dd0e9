internal import COpenBLAS
import SpiderSupport

/// One factor of a matrix product: row-major numbers, `stride` apart from row to row as stored, read
/// as they are or transposed.
package struct Matrix: Sendable {
  let numbers: FloatSlice
  let stride: Int
  let isTransposed: Bool

  /// The matrix as stored.
  package static func rows(_ numbers: FloatSlice, stride: Int) -> Matrix {
    Matrix(numbers: numbers, stride: stride, isTransposed: false)
  }

  /// The transpose of the matrix as stored.
  package static func transposed(_ numbers: FloatSlice, stride: Int) -> Matrix {
    Matrix(numbers: numbers, stride: stride, isTransposed: true)
  }

  /// The same numbers, read the other way.
  var transpose: Matrix {
    Matrix(numbers: numbers, stride: stride, isTransposed: !isTransposed)
  }

  /// The address, after checking that the stored matrix lies within its numbers.
  fileprivate func address(rows: Int, columns: Int) -> UnsafePointer<Float> {
    let (m, n) = isTransposed ? (columns, rows) : (rows, columns)
    precondition(stride >= n, "rows of \(n) numbers, \(stride) apart")
    return unsafe numbers.address((m - 1) * stride + n)
  }
}

/// The door to OpenBLAS: single-precision matrix products.
///
/// BLAS runs on one thread inside Spider: our own tiles are the parallelism. The setting is
/// OpenBLAS's own, `openblas_set_num_threads(1)`, which counts for the whole process; it is made here,
/// once, before the first product.
package enum BLAS {
  private static let isSingleThreaded: Bool = {
    openblas_set_num_threads(1)
    return true
  }()

  /// The kernel set that OpenBLAS picked for this processor, such as "Haswell".
  package static var coreName: String { unsafe String(cString: openblas_get_corename()) }

  /// C = A B + beta C with A (m, k), B (k, n) and C (m, n), after transposition.
  package static func multiply(
    m: Int, n: Int, k: Int, _ a: Matrix, _ b: Matrix, into c: FloatSlice, stride: Int,
    beta: Float = 0
  ) {
    guard m > 0, n > 0, k > 0 else { return }
    precondition(isSingleThreaded && stride >= n, "rows of \(n) numbers, \(stride) apart")
    unsafe cblas_sgemm(
      CblasRowMajor, a.isTransposed ? CblasTrans : CblasNoTrans,
      b.isTransposed ? CblasTrans : CblasNoTrans, Int32(m), Int32(n), Int32(k), 1,
      a.address(rows: m, columns: k), Int32(a.stride), b.address(rows: k, columns: n),
      Int32(b.stride), beta, c.mutableAddress((m - 1) * stride + n), Int32(stride))
  }
}

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
