extension Radiograph {
  /// Whether bone seems to be dark: the outer 3 % of the frame, where air should be, is brighter than
  /// the middle by a quarter of the grey range (0.5th to 99.5th percentile; medians compared).
  ///
  /// Grey values alone prove nothing, so this is for a warning. The margin keeps quiet about a picture
  /// that the head fills to its edges. Line integrals are what they are and never look inverted.
  public var looksInverted: Bool {
    guard intensity == .relative else { return false }
    let (columns, rows) = (geometry.columns, geometry.rows)
    let frame = (max(1, columns * 3 / 100), max(1, rows * 3 / 100))
    var border: [Float] = []
    var middle: [Float] = []
    for index in values.indices where counts(index) {
      let (column, row) = (index % columns, index / columns)
      if min(column, columns - 1 - column) < frame.0 || min(row, rows - 1 - row) < frame.1 {
        border.append(values[index])
      } else if (columns / 4..<columns - columns / 4).contains(column),
        (rows / 4..<rows - rows / 4).contains(row)
      {
        middle.append(values[index])
      }
    }
    let sorted = countingValues.sorted()
    guard let outside = border.quantile(0.5), let inside = middle.quantile(0.5),
      let low = sorted.quantileOfSorted(0.005), let high = sorted.quantileOfSorted(0.995)
    else { return false }
    return outside - inside > 0.25 * (high - low)
  }

  /// The same picture with its greys turned round, for negative films, on which bone is dark: the largest
  /// value that counts becomes the smallest, and the other way round.
  ///
  /// Relative radiographs only: line integrals are larger behind bone by definition.
  public func inverted() -> Radiograph {
    precondition(intensity == .relative, "line integrals are not inverted")
    let counting = values.indices.filter(counts).map { values[$0] }
    guard let low = counting.min(), let high = counting.max() else { return self }
    var result = self
    // From the ends inwards, so that what is finite stays so.
    result.values = values.map { $0.isFinite ? low + (high - $0) : $0 }
    return result
  }
}
