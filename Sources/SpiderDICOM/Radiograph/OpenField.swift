import SpiderIO

/// What a shutter and a collimator leave open of an image (PS3.3 C.7.6.11 and C.8.7.3): rectangles, circles
/// and polygons in pixels that count from 1, rows before columns.
enum OpenField {
  /// `false` where a pixel is covered; nil when nothing is stated to be.
  ///
  /// - Throws: ``/SpiderIO/FileError`` when a shape's numbers cannot be.
  static func mask(_ content: DICOMContent, _ layout: PixelLayout) throws(FileError) -> [Bool]? {
    var mask: [Bool]?
    for (shapes, parts) in [
      (DICOMAttribute.shutterShape, DICOMAttribute.shutter),
      (DICOMAttribute.collimatorShape, DICOMAttribute.collimator),
    ] {
      for shape in content.texts(shapes) {
        guard let isOpen = try isOpen(shape.uppercased(), parts, content) else { continue }
        var open = mask ?? [Bool](repeating: true, count: layout.count)
        for row in 0..<layout.rows {
          for column in 0..<layout.columns {
            let index = row * layout.columns + column
            open[index] = open[index] && isOpen(Double(column + 1), Double(row + 1))
          }
        }
        mask = open
      }
    }
    return mask
  }

  /// Whether a pixel (column, row, from 1) lies within a shape; nil for shapes that cover nothing here.
  private static func isOpen(
    _ shape: String, _ parts: [DICOMAttribute], _ content: DICOMContent
  ) throws(FileError) -> ((Double, Double) -> Bool)? {
    func required(_ part: Int, _ count: Int) throws(FileError) -> [Double] {
      guard let numbers = try content.numbers(parts[part], count: count) else {
        throw .badHeader(content.url, field: parts[part].description, fault: "is missing")
      }
      return numbers
    }
    switch shape {
    case "RECTANGULAR":
      let (left, right) = (try required(0, 1)[0], try required(1, 1)[0])
      let (top, bottom) = (try required(2, 1)[0], try required(3, 1)[0])
      return { c, r in c >= left && c <= right && r >= top && r <= bottom }
    case "CIRCULAR":
      let (center, radius) = (try required(4, 2), try required(5, 1)[0])
      return { c, r in
        let (x, y) = (c - center[1], r - center[0])
        return x * x + y * y <= radius * radius
      }
    case "POLYGONAL":
      let numbers = try required(6, 6)
      let corners = stride(from: 0, to: min(numbers.count, 2048) - 1, by: 2).map {
        SIMD2(numbers[$0 + 1], numbers[$0])
      }
      return { c, r in contains(corners, SIMD2(c, r)) }
    default: return nil
    }
  }

  /// Whether a point lies in a polygon or on its edge.
  private static func contains(_ corners: [SIMD2<Double>], _ p: SIMD2<Double>) -> Bool {
    var isInside = false
    var a = corners[corners.count - 1]
    for b in corners {
      let (edge, way) = (b - a, p - a)
      let turn = edge.x * way.y - edge.y * way.x
      let along = (edge * way).sum()
      if abs(turn) <= 1e-9, along >= 0, along <= (edge * edge).sum() { return true }
      if (a.y > p.y) != (b.y > p.y), p.x < a.x + edge.x * (p.y - a.y) / edge.y { isInside.toggle() }
      a = b
    }
    return isInside
  }
}
