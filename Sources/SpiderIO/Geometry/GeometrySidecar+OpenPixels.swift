import SpiderCore

extension GeometrySidecar {
  static let openPixelsKey = "open_field_pixels"

  /// Reads the open field: `[c0, r0, c1, r1]`, its first and last column and row, or a list of at least
  /// three corners `[c, r]` of a convex polygon.
  static func openPixels(
    _ object: JSONObjectReader, columns: Int, rows: Int
  ) throws(FileError) -> OpenPixels? {
    guard object.has(openPixelsKey) else { return nil }
    func bad(_ fault: String) -> FileError {
      .badValue(object.url, key: openPixelsKey, fault: fault)
    }
    let lists = try object.lists(openPixelsKey)
    let isRectangle = lists.count == 1
    guard lists.allSatisfy({ $0.count == (isRectangle ? 4 : 2) }) else {
      throw bad(
        "must be a list of 4 whole numbers, first column and row and last column and row, or a list of "
          + "corners [column, row]")
    }
    var pixels: [SIMD2<Int>] = []
    for list in isRectangle ? [Array(lists[0][..<2]), Array(lists[0][2...])] : lists {
      guard let column = Int(exactly: list[0]), let row = Int(exactly: list[1]) else {
        throw bad("holds \(list), which are no whole numbers of pixels")
      }
      guard (0..<columns).contains(column), (0..<rows).contains(row) else {
        throw bad(
          "goes to column \(column), row \(row), outside the detector of \(columns) x \(rows) pixels"
        )
      }
      pixels.append(SIMD2(column, row))
    }
    if isRectangle {
      guard pixels[0].x <= pixels[1].x, pixels[0].y <= pixels[1].y else {
        throw bad("ends before it begins: its last column and row must not be less than its first")
      }
      return OpenPixels(from: pixels[0], to: pixels[1])
    }
    guard let polygon = OpenPixels(corners: pixels) else {
      throw bad("must be the corners of a convex polygon, in turn")
    }
    return polygon
  }

  /// The key's value as it is written.
  static func json(_ open: OpenPixels) -> String {
    if let (first, last) = open.rectangle {
      return "[\(first.x), \(first.y), \(last.x), \(last.y)]"
    }
    return "[" + open.corners.map { "[\($0.x), \($0.y)]" }.joined(separator: ", ") + "]"
  }
}
