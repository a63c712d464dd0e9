import SpiderImaging
import SpiderSupport
import SpiderTestSupport
import Testing

@Suite struct SingularValuesTests {
  private func random(_ rows: Int, _ columns: Int, seed: UInt64) -> DenseMatrix {
    var generator = SeededGenerator(seed: seed)
    var matrix = DenseMatrix(rows: rows, columns: columns)
    for index in matrix.values.indices { matrix.values[index] = generator.normal() }
    return matrix
  }

  @Test(arguments: [(1, 1), (3, 3), (7, 2), (31, 12)]) func productIsTheMatrix(
    _ rows: Int, _ columns: Int
  ) throws {
    let matrix = random(rows, columns, seed: 2)
    let svd = try #require(SingularValues(matrix))
    var product = matrix
    for r in 0..<rows {
      for c in 0..<columns {
        product[r, c] = (0..<columns).reduce(0) {
          $0 + svd.left[r, $1] * svd.values[$1] * svd.rightTransposed[$1, c]
        }
      }
    }
    expectClose(product.values, matrix.values, atol: 1e-12, "U s V'")
    #expect(zip(svd.values, svd.values.dropFirst()).allSatisfy { $0 >= $1 })
  }

  /// Least squares: the residual is normal to every column. With damping: the normal equations.
  @Test(arguments: [0.0, 0.7]) func leastSquares(damping: Double) throws {
    let a = random(9, 4, seed: 5)
    let b = random(9, 1, seed: 6).values
    let svd = try #require(SingularValues(a))
    let x = svd.solve(b, damping: damping)
    for c in 0..<4 {
      let gradient = (0..<9).reduce(damping * x[c]) { sum, r in
        let residual = (0..<4).reduce(-b[r]) { $0 + a[r, $1] * x[$1] }
        return sum + a[r, c] * residual
      }
      expectClose(gradient, 0, atol: 1e-12)
    }
    // (A' A)^-1 of two columns, written out.
    let two = random(5, 2, seed: 7)
    func moment(_ i: Int, _ j: Int) -> Double { (0..<5).reduce(0) { $0 + two[$1, i] * two[$1, j] } }
    let determinant = moment(0, 0) * moment(1, 1) - moment(0, 1) * moment(0, 1)
    expectClose(
      try #require(SingularValues(two)).inverseSquareDiagonal,
      [moment(1, 1) / determinant, moment(0, 0) / determinant], atol: 1e-12)
  }

  @Test func whatHasNone() throws {
    var matrix = DenseMatrix(rows: 3, columns: 2)
    #expect(try #require(SingularValues(matrix)).condition == .infinity)
    matrix[1, 1] = .nan
    #expect(SingularValues(matrix) == nil)
  }
}
