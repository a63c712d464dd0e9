/// A small dense matrix of doubles, row by row: for systems of tens of equations, where clarity and
/// double precision count and speed does not.
public struct DenseMatrix: Equatable, Sendable {
  /// Rows.
  public let rows: Int
  /// Columns.
  public let columns: Int
  /// The numbers, `rows` x `columns`, row by row.
  public var values: [Double]

  /// A matrix of zeros.
  public init(rows: Int, columns: Int) {
    precondition(rows > 0 && columns > 0, "a matrix of \(rows) x \(columns)")
    self.rows = rows
    self.columns = columns
    values = [Double](repeating: 0, count: rows * columns)
  }

  /// The number in a row and a column.
  public subscript(row: Int, column: Int) -> Double {
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
