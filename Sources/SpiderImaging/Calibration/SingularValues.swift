internal import COpenBLAS

/// The singular value decomposition A = U diag(s) V' of a matrix with at least as many rows as columns:
/// what least squares, null vectors and standard errors are read off.
///
/// By LAPACK's `dgesdd` (divide and conquer).
package struct SingularValues: Sendable {
  /// The singular values, largest first; one per column of A.
  package let values: [Double]
  /// U, `rows` x `columns` of A: the left singular vectors as columns.
  package let left: DenseMatrix
  /// V', `columns` x `columns`: the right singular vectors as rows.
  package let rightTransposed: DenseMatrix

  /// Decomposes a matrix; nil when it holds a number that is not finite, or LAPACK does not converge.
  package init?(_ matrix: DenseMatrix) {
    let (m, n) = (matrix.rows, matrix.columns)
    precondition(m >= n, "a matrix of \(m) x \(n) has fewer rows than columns")
    guard matrix.values.allSatisfy(\.isFinite) else { return nil }
    var a = matrix.values
    var s = [Double](repeating: 0, count: n)
    var u = DenseMatrix(rows: m, columns: n)
    var vt = DenseMatrix(rows: n, columns: n)
    let status = unsafe LAPACKE_dgesdd(
      LAPACK_ROW_MAJOR, CChar(UInt8(ascii: "S")), Int32(m), Int32(n), &a, Int32(n), &s, &u.values,
      Int32(n), &vt.values, Int32(n))
    guard status == 0 else { return nil }
    values = s
    left = u
    rightTransposed = vt
  }

  /// The right singular vector that belongs to a singular value.
  package func rightVector(_ index: Int) -> [Double] {
    (0..<rightTransposed.columns).map { rightTransposed[index, $0] }
  }

  /// The largest singular value over the smallest; infinite for a matrix without full rank.
  package var condition: Double {
    guard let largest = values.first, let smallest = values.last, smallest > 0 else {
      return .infinity
    }
    return largest / smallest
  }

  /// The x that makes |A x - b|^2 + damping |x|^2 least.
  package func solve(_ right: [Double], damping: Double = 0) -> [Double] {
    precondition(right.count == left.rows, "\(right.count) numbers for \(left.rows) rows")
    let n = values.count
    var x = [Double](repeating: 0, count: n)
    for k in 0..<n {
      let s = values[k]
      let divisor = s * s + damping
      guard divisor > 0 else { continue }
      let projection = (0..<left.rows).reduce(0) { $0 + left[$1, k] * right[$1] }
      for column in 0..<n { x[column] += rightTransposed[k, column] * projection * s / divisor }
    }
    return x
  }

  /// The diagonal of (A' A)^-1: the variances of a least-squares solution when every right-hand side
  /// has variance 1. Infinite where A says nothing.
  package var inverseSquareDiagonal: [Double] {
    values.indices.map { column in
      values.indices.reduce(0) { sum, k in
        let entry = rightTransposed[k, column]
        return entry == 0 ? sum : sum + entry * entry / (values[k] * values[k])
      }
    }
  }
}

/// A small dense matrix of doubles, row by row: for systems of tens of equations, where clarity and
/// double precision count and speed does not.
package struct DenseMatrix: Equatable, Sendable {
  /// Rows.
  package let rows: Int
  /// Columns.
  package let columns: Int
  /// The numbers, `rows` x `columns`, row by row.
  package var values: [Double]

  /// A matrix of zeros.
  package init(rows: Int, columns: Int) {
    precondition(rows > 0 && columns > 0, "a matrix of \(rows) x \(columns)")
    self.rows = rows
    self.columns = columns
    values = [Double](repeating: 0, count: rows * columns)
  }

  /// The number in a row and a column.
  package subscript(row: Int, column: Int) -> Double {
    get { values[offset(row, column)] }
    set { values[offset(row, column)] = newValue }
  }

  private func offset(_ row: Int, _ column: Int) -> Int {
    precondition(
      row >= 0 && row < rows && column >= 0 && column < columns,
      "(\(row), \(column)) of \(rows) x \(columns)")
    return row * columns + column
  }
}
