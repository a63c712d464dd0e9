internal import COpenBLAS

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
