import Foundation

/// A radiograph made small and smooth, in which edges are looked for.
struct CollimationImage {
  /// The longer side of the small image.
  private static let longestSide = 128

  let columns: Int
  let rows: Int
  /// Pixels of the radiograph in a bin.
  let bin: Int
  /// Means over 3 x 3 bins; what does not count is left out.
  private let values: [Float]
  /// From the 1st to the 99th percentile.
  let range: Float

  /// Below this many pixels a round outline is told from a straight edge no more.
  private static let leastSide = 96

  /// nil for an image too small for edges, or one that shows nothing.
  init?(_ radiograph: Radiograph) {
    let geometry = radiograph.geometry
    guard min(geometry.columns, geometry.rows) >= Self.leastSide else { return nil }
    bin = (max(geometry.columns, geometry.rows) + Self.longestSide - 1) / Self.longestSide
    columns = geometry.columns / bin
    rows = geometry.rows / bin
    guard min(columns, rows) >= 12 else { return nil }
    var sums = [Float](repeating: 0, count: columns * rows)
    var counts = sums
    for row in 0..<rows * bin {
      for column in 0..<columns * bin {
        let index = row * geometry.columns + column
        guard radiograph.counts(index) else { continue }
        // Two bins of neighbours on every side: the means below are over 3 x 3.
        sums[row / bin * columns + column / bin] += radiograph.values[index]
        counts[row / bin * columns + column / bin] += 1
      }
    }
    var smooth = [Float](repeating: .nan, count: sums.count)
    for row in 0..<rows {
      for column in 0..<columns {
        var (sum, count): (Float, Float) = (0, 0)
        for r in max(0, row - 1)...min(rows - 1, row + 1) {
          for c in max(0, column - 1)...min(columns - 1, column + 1) {
            sum += sums[r * columns + c]
            count += counts[r * columns + c]
          }
        }
        if count > 0 { smooth[row * columns + column] = sum / count }
      }
    }
    values = smooth
    let sorted = smooth.filter(\.isFinite).sorted()
    guard let low = sorted.quantileOfSorted(0.01), let high = sorted.quantileOfSorted(0.99),
      high > low, (high - low).isFinite
    else { return nil }
    range = high - low
  }

  /// The value at a place in bins from the image's middle; nil outside, NaN where nothing counts.
  func value(_ place: SIMD2<Double>) -> Float? {
    let c = (place.x + Double(columns) / 2).rounded(.down)
    let r = (place.y + Double(rows) / 2).rounded(.down)
    guard c >= 0, r >= 0, c < Double(columns), r < Double(rows) else { return nil }
    return values[Int(r) * columns + Int(c)]
  }

  /// The place of every bin, and its value.
  func forEach(_ body: (_ place: SIMD2<Double>, _ value: Float) -> Void) {
    for row in 0..<rows {
      for column in 0..<columns {
        body(
          SIMD2(
            Double(column) + 0.5 - Double(columns) / 2, Double(row) + 0.5 - Double(rows) / 2),
          values[row * columns + column])
      }
    }
  }
}

/// A straight edge across an image; what lies beyond it, outwards, is hidden.
struct CollimationEdge {
  /// The side of the image it belongs to.
  enum Side: CaseIterable { case left, right, top, bottom }

  let side: Side
  /// The unit normal (columns, rows), pointing outwards.
  let normal: SIMD2<Double>
  /// Distance along the normal from the image's middle, pixels.
  let distance: Double

  /// The edge of a side that lies `distance` from the middle, turned by an angle in degrees.
  init(_ side: Side, degrees: Double, distance: Double) {
    let angle = degrees * .pi / 180
    let (c, s) = (cos(angle), sin(angle))
    self.side = side
    switch side {
    case .left: normal = SIMD2(-c, -s)
    case .right: normal = SIMD2(c, s)
    case .top: normal = SIMD2(s, -c)
    case .bottom: normal = SIMD2(-s, c)
    }
    self.distance = distance
  }

  /// Along the edge.
  var direction: SIMD2<Double> { SIMD2(-normal.y, normal.x) }

  /// How far beyond the edge a place (pixels from the middle) lies; negative inside.
  func depth(_ place: SIMD2<Double>) -> Double { (normal * place).sum() - distance }
}
