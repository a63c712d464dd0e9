import SpiderCore

/// The pixels of a detector that the beam reaches, as a convex polygon whose corners are pixels.
///
/// Any convex field, straight or turned, is kept exactly: the hull of its pixels' centres holds no other
/// pixel's centre. Everything is done in whole numbers.
public struct OpenPixels: Equatable, Sendable {
  /// The corners (column, row) in turn, each of them open. A rectangle has four.
  public let corners: [SIMD2<Int>]

  /// The rectangle from one pixel to another, both open.
  init(from first: SIMD2<Int>, to last: SIMD2<Int>) {
    corners = [first, SIMD2(last.x, first.y), last, SIMD2(first.x, last.y)]
  }

  /// A polygon; nil unless its corners run round a convex one in either sense.
  init?(corners: [SIMD2<Int>]) {
    guard corners.count >= 3 else { return nil }
    let hull = Self.hull(of: corners)
    // What is left out of the hull lies within it: a dent, or a corner given twice.
    guard hull.count == corners.count, let start = corners.firstIndex(of: hull[0]) else {
      return nil
    }
    let turned = Array(corners[start...] + corners[..<start])
    guard turned == hull || [turned[0]] + turned.dropFirst().reversed() == hull else { return nil }
    self.corners = hull
  }

  /// The outline of what a mask leaves open; nil when no polygon of pixels has just these pixels (all are
  /// open, none is, or they form a line or no convex figure).
  public init?(of mask: [Bool]?, columns: Int, rows: Int) {
    guard let mask, mask.contains(false) else { return nil }
    // Of each row, its first and last open pixel; the hull has no others.
    var ends: [SIMD2<Int>] = []
    for row in 0..<rows {
      let line = mask[row * columns..<(row + 1) * columns]
      guard let first = line.firstIndex(of: true), let last = line.lastIndex(of: true) else {
        continue
      }
      ends += [SIMD2(first - row * columns, row), SIMD2(last - row * columns, row)]
    }
    let hull = Self.hull(of: ends)
    guard let first = ends.first, let last = ends.last else { return nil }
    let box = OpenPixels(from: first, to: last)
    if box.mask(columns: columns, rows: rows) == mask {
      self = box
    } else if let polygon = OpenPixels(corners: hull),
      polygon.mask(columns: columns, rows: rows) == mask
    {
      self = polygon
    } else {
      return nil
    }
  }

  /// Its first and last pixel where it is a rectangle along the detector's rows.
  var rectangle: (first: SIMD2<Int>, last: SIMD2<Int>)? {
    guard corners.count == 4 else { return nil }
    let (x, y) = (corners.map(\.x), corners.map(\.y))
    guard Set(x).count <= 2, Set(y).count <= 2, let left = x.min(),
      let right = x.max(), let top = y.min(), let bottom = y.max()
    else { return nil }
    return (SIMD2(left, top), SIMD2(right, bottom))
  }

  /// Which pixels of a detector are open, row by row.
  public func mask(columns: Int, rows: Int) -> [Bool] {
    var mask = [Bool](repeating: false, count: columns * rows)
    let box = rectangle
    for row in 0..<rows {
      var (first, last) = (0, columns - 1)
      if let box {
        guard row >= box.first.y, row <= box.last.y else { continue }
        (first, last) = (max(first, box.first.x), min(last, box.last.x))
      } else {
        (first, last) = columnsWithin(row, first, last)
      }
      guard first <= last else { continue }
      for column in first...last { mask[row * columns + column] = true }
    }
    return mask
  }

  /// The columns of a row, out of given ones, that lie on the inner side of every edge; the first is beyond
  /// the last when there are none.
  private func columnsWithin(_ row: Int, _ first: Int, _ last: Int) -> (first: Int, last: Int) {
    var (first, last) = (first, last)
    for (a, b) in zip(corners, corners.dropFirst() + [corners[0]]) {
      // turn(a, b, (column, row)) = offset - rise column, which must not be negative.
      let rise = b.y - a.y
      let offset = (b.x - a.x) * (row - a.y) + rise * a.x
      if rise > 0 {
        last = min(last, Self.quotient(offset, rise))
      } else if rise < 0 {
        first = max(first, -Self.quotient(offset, -rise))
      } else if offset < 0 {
        return (1, 0)
      }
    }
    return (first, last)
  }

  /// The quotient by a positive number, rounded down.
  private static func quotient(_ a: Int, _ b: Int) -> Int {
    a >= 0 ? a / b : -((b - 1 - a) / b)
  }

  /// Twice the area of a triangle, positive when its corners run as those of ``hull(of:)``.
  private static func turn(_ a: SIMD2<Int>, _ b: SIMD2<Int>, _ c: SIMD2<Int>) -> Int {
    (b.x - a.x) * (c.y - a.y) - (b.y - a.y) * (c.x - a.x)
  }

  /// The convex hull, its corners in turn, none on a line between others (A. M. Andrew, Another efficient
  /// algorithm for convex hulls in two dimensions, 1979).
  private static func hull(of points: [SIMD2<Int>]) -> [SIMD2<Int>] {
    let sorted = Set(points).sorted { ($0.x, $0.y) < ($1.x, $1.y) }
    guard sorted.count > 2 else { return sorted }
    func chain(_ points: [SIMD2<Int>]) -> [SIMD2<Int>] {
      var chain: [SIMD2<Int>] = []
      for point in points {
        while chain.count >= 2, turn(chain[chain.count - 2], chain[chain.count - 1], point) <= 0 {
          chain.removeLast()
        }
        chain.append(point)
      }
      return Array(chain.dropLast())
    }
    return chain(sorted) + chain(sorted.reversed())
  }
}

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
