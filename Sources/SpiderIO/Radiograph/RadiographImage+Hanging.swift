import SpiderCore

extension RadiographImage {
  /// Hangs a NIfTI image of another program as a geometry has it: pixels are reordered, head up.
  ///
  /// Its affine says how, in one of two ways. Rows along z place the image in the patient: rows and columns
  /// are then turned to run as the geometry's do. Rows along y are those of a flat picture, where y is up
  /// and x says nothing. The identity is what programs write that know nothing.
  ///
  /// - Parameter firstRow: what is known better; then only that counts.
  mutating func hang(
    as geometry: ProjectionGeometry, firstRow: RadiographFile.FirstRow?
  ) throws(FileError) {
    if let firstRow {
      if firstRow == .bottom { turn(rows: true, columns: false, because: "as stated") }
      return
    }
    guard let affine, affine != .identity else { throw .rowsUnknown(url) }
    let (column, row) = (normalized(affine.columns.0), normalized(affine.columns.1))
    if abs(row.y) > 0.7 {
      turn(rows: row.y > 0, columns: false, because: "by its affine")
    } else if abs(row.z) > 0.7 {
      let along = dot(column, normalized(geometry.columnStep))
      guard abs(along) > 0.7 else {
        throw .disagreement(
          url,
          fault: "by its affine its columns run along the rays of the view that it is named as",
          remedy: "name the view as it was taken, or say which row is the first")
      }
      turn(rows: row.z > 0, columns: along < 0, because: "by its affine")
    } else {
      throw .unsupported(
        url, fault: "by its affine it lies turned by a quarter: its rows run from side to side",
        remedy: "turn it upright, or say which row is the first")
    }
  }

  private mutating func turn(rows turnsRows: Bool, columns turnsColumns: Bool, because: String) {
    guard turnsRows || turnsColumns else { return }
    values = turned(values, turnsRows, turnsColumns)
    mask = mask.map { turned($0, turnsRows, turnsColumns) }
    if turnsRows { notes.append("its rows count from the bottom, \(because): hung head up") }
    if turnsColumns {
      notes.append("its columns count from the other side, \(because): hung as the view's")
    }
  }

  private func turned<Value>(
    _ pixels: [Value], _ turnsRows: Bool, _ turnsColumns: Bool
  ) -> [Value] {
    (0..<pixels.count).map { index in
      let (column, row) = (index % columns, index / columns)
      return pixels[
        (turnsRows ? rows - 1 - row : row) * columns
          + (turnsColumns ? columns - 1 - column : column)]
    }
  }
}
