extension Radiograph {
  /// The same image with its columns, its rows or both counted from the other end: values and geometry
  /// change together, so every pixel stays where it is in the world.
  public func flipped(columns flipColumns: Bool, rows flipRows: Bool) throws -> Radiograph {
    guard flipColumns || flipRows else { return self }
    let g = geometry
    func reordered<Value>(_ values: [Value]) -> [Value] {
      (0..<values.count).map { index in
        let (column, row) = (index % g.columns, index / g.columns)
        return values[
          (flipRows ? g.rows - 1 - row : row) * g.columns
            + (flipColumns ? g.columns - 1 - column : column)]
      }
    }
    return Radiograph(
      geometry: try g.flipped(columns: flipColumns, rows: flipRows), values: reordered(values),
      intensity: intensity,
      mask: mask.map(reordered))
  }
}
