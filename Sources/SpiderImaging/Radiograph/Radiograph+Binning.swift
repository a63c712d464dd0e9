extension Radiograph {
  /// The radiograph of a detector whose pixels are blocks of `n` x `n` of this one: their means. A block
  /// with a pixel that does not count is masked; what is left over at the far edges is dropped.
  ///
  /// - Throws: ``GeometryError`` when not a single block fits.
  package func binned(by n: Int) throws(GeometryError) -> Radiograph {
    precondition(n >= 1, "blocks of \(n) pixels")
    guard n > 1 else { return self }
    let g = geometry
    let offset = Double(n - 1) / 2
    let coarse = try ProjectionGeometry(
      beam: g.beam, pixelOrigin: g.pixelCenter(column: offset, row: offset),
      columnStep: g.columnStep * Double(n), rowStep: g.rowStep * Double(n),
      columns: g.columns / n, rows: g.rows / n, isocenter: g.isocenter)
    var means = [Float](repeating: 0, count: coarse.count)
    var valid = [Bool](repeating: true, count: coarse.count)
    for index in means.indices {
      let (column, row) = (index % coarse.columns * n, index / coarse.columns * n)
      var sum: Float = 0
      for r in row..<row + n {
        for c in column..<column + n {
          let pixel = r * g.columns + c
          if counts(pixel) { sum += values[pixel] } else { valid[index] = false }
        }
      }
      if valid[index] { means[index] = sum / Float(n * n) }
    }
    return Radiograph(geometry: coarse, values: means, intensity: intensity, mask: valid)
  }
}
