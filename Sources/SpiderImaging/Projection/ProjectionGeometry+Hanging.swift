extension ProjectionGeometry {
  /// The same detector with its columns, its rows or both counted from the other end.
  public func flipped(columns flipColumns: Bool, rows flipRows: Bool) throws -> ProjectionGeometry {
    try ProjectionGeometry(
      beam: beam,
      pixelOrigin: pixelCenter(
        column: flipColumns ? Double(columns - 1) : 0, row: flipRows ? Double(rows - 1) : 0),
      columnStep: flipColumns ? -columnStep : columnStep,
      rowStep: flipRows ? -rowStep : rowStep, columns: columns, rows: rows, isocenter: isocenter)
  }
}
