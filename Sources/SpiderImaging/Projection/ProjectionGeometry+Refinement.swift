extension ProjectionGeometry {
  /// The same detector with every pixel cut into `factor` x `factor`.
  public func refined(by factor: Int) throws -> ProjectionGeometry {
    precondition(factor >= 1, "pixels cut into \(factor)")
    let (column, row) = (columnStep / Double(factor), rowStep / Double(factor))
    return try ProjectionGeometry(
      beam: beam, pixelOrigin: pixelOrigin - (column + row) * (Double(factor - 1) / 2),
      columnStep: column, rowStep: row, columns: columns * factor, rows: rows * factor,
      isocenter: isocenter)
  }
}
