extension Radiograph {
  /// The most pixels along a side that reading a picture pays for. Models read 128; a scan of a film has 6,000.
  package static let mostPixels = 2048

  /// The edge of the blocks, in pixels, by which a picture is made no larger than ``mostPixels``; 1 for most.
  package var reduction: Int {
    (max(geometry.columns, geometry.rows) + Self.mostPixels - 1) / Self.mostPixels
  }

  /// The picture with at most ``mostPixels`` along a side: itself, or the means of its blocks.
  package var reduced: Radiograph {
    let n = reduction
    guard n > 1, let coarse = try? binned(by: n) else { return self }
    return coarse
  }

  /// The radiograph of a detector whose pixels are blocks of `n` x `n` of this one: their means. A block
  /// with a pixel that does not count is masked; what is left over at the far edges is dropped.
  ///
  /// - Throws: ``GeometryError`` when not a single block fits.
  package func binned(by n: Int) throws -> Radiograph {
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

extension ProjectionGeometry {
  /// The geometry of a picture whose blocks of `n` x `n` pixels are the pixels of this one: the opposite of binning.
  ///
  /// - Parameters:
  ///   - columns: that many pixels in a row, with those that no block holds.
  ///   - rows: that many rows.
  package func refined(by n: Int, columns: Int, rows: Int) throws -> ProjectionGeometry {
    let (column, row) = (columnStep / Double(n), rowStep / Double(n))
    return try ProjectionGeometry(
      beam: beam, pixelOrigin: pixelOrigin - (column + row) * (Double(n - 1) / 2),
      columnStep: column, rowStep: row, columns: columns, rows: rows, isocenter: isocenter)
  }
}
