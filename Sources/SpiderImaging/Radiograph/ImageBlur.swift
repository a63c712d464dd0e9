/// A nearly Gaussian blur of an image whose cost does not depend on its width: three running means.
struct ImageBlur {
  /// Pixels to each side of the middle one in every mean; the three together have a standard deviation
  /// of the root of r (r + 1) pixels.
  let radius: Int

  /// Blurs an image of `columns` x `rows` values, row by row; beyond its edges, the edge goes on.
  func callAsFunction(_ image: [Float], columns: Int, rows: Int) -> [Float] {
    precondition(image.count == columns * rows, "\(image.count) of \(columns) x \(rows) pixels")
    guard radius > 0 else { return image }
    var image = image
    for _ in 0..<3 {
      for row in 0..<rows { mean(&image, start: row * columns, step: 1, count: columns) }
      for column in 0..<columns { mean(&image, start: column, step: columns, count: rows) }
    }
    return image
  }

  /// Replaces the numbers of a line by means over 2 `radius` + 1 of them.
  private func mean(_ image: inout [Float], start: Int, step: Int, count: Int) {
    let line = (0..<count).map { Double(image[start + $0 * step]) }
    func value(_ index: Int) -> Double { line[min(max(index, 0), count - 1)] }
    var sum = (-radius...radius).reduce(0) { $0 + value($1) }
    let width = Double(2 * radius + 1)
    for index in 0..<count {
      image[start + index * step] = Float(sum / width)
      sum += value(index + radius + 1) - value(index - radius)
    }
  }
}
