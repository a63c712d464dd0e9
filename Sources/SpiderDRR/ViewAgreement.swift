import SpiderImaging

/// How well a picture agrees with what a volume predicts for it, whatever its tone curve: the rank correlation
/// (Spearman's) of the two, 1 when the one's greys rise where the other's do.
///
/// What says nothing of the volume is left out or levelled:
///
/// - Both are averaged over squares of pixels, so that noise does not count.
/// - Rays that enter or leave by the volume's two ends along its third axis, or miss it, are left out: below the field
///   of view lie the neck and the shoulders, which it does not show. So are rays that leave through tissue.
/// - The open field is one grey. Its noise has an order too, and there is much of it.
struct ViewAgreement {
  /// The most squares along a side.
  private static let squares = 96
  /// Below this share of its span a picture shows no tissue.
  private static let open: Float = 0.06
  /// Where leaving out the rays that leave through tissue would leave less than this, all count: a volume that is
  /// tissue all around must answer for the whole picture.
  private static let leastShare = 0.5

  private let geometry: ProjectionGeometry
  /// Pixels along the side of a square.
  private let side: Int
  private let passage: BoxPassage
  private let exits: [Bool]?

  /// Prepares for pictures of a geometry.
  init(of ct: Volume, _ exits: TruncatedTissue, _ geometry: ProjectionGeometry) {
    self.geometry = geometry
    passage = BoxPassage(through: ct.grid, geometry)
    let longer = max(geometry.columns, geometry.rows)
    side = max(1, (longer + Self.squares - 1) / Self.squares)
    self.exits = exits.mask(geometry, grid: ct.grid)
  }

  /// The agreement; nil when either shows nothing.
  func value(_ predicted: [Float], _ radiograph: Radiograph) -> Double? {
    let image = Radiograph(
      geometry: geometry, values: predicted, intensity: .relative, mask: radiograph.mask)
    guard let scale = radiograph.relativeScale, let own = image.relativeScale else { return nil }
    func grey(_ value: Float, _ scale: RelativeScale) -> Float {
      let grey = (value - scale.openField) / scale.span
      return grey < Self.open ? 0 : grey
    }
    var all: [(predicted: Float, measured: Float)] = []
    var known: [(predicted: Float, measured: Float)] = []
    for row in stride(from: 0, to: geometry.rows, by: side) {
      for column in stride(from: 0, to: geometry.columns, by: side) {
        guard isThroughTheSides(column, row),
          let means = means(predicted, radiograph, column, row)
        else { continue }
        let pair = (grey(means.predicted, own), grey(means.measured, scale))
        all.append(pair)
        if exits?[middle(row, geometry.rows) * geometry.columns + middle(column, geometry.columns)]
          ?? true
        {
          known.append(pair)
        }
      }
    }
    let pairs = Double(known.count) >= Self.leastShare * Double(all.count) ? known : all
    return RankCorrelation.of(pairs.map(\.predicted), pairs.map(\.measured))
  }

  /// The middle pixel of the square that starts here.
  private func middle(_ start: Int, _ count: Int) -> Int { min(start + side / 2, count - 1) }

  /// The means over a square; nil where less than half of it counts.
  private func means(
    _ predicted: [Float], _ radiograph: Radiograph, _ column: Int, _ row: Int
  ) -> (predicted: Float, measured: Float)? {
    var (p, m, count, pixels): (Float, Float, Int, Int) = (0, 0, 0, 0)
    for r in row..<min(row + side, geometry.rows) {
      for index in r * geometry.columns + column..<r * geometry.columns
        + min(column + side, geometry.columns)
      {
        pixels += 1
        guard radiograph.counts(index) else { continue }
        p += predicted[index]
        m += radiograph.values[index]
        count += 1
      }
    }
    guard 2 * count >= pixels, count > 0 else { return nil }
    return (p / Float(count), m / Float(count))
  }

  /// Whether the ray through a square's middle enters and leaves the volume's box by sides along its third axis.
  private func isThroughTheSides(_ column: Int, _ row: Int) -> Bool {
    let half = Double(side - 1) / 2
    guard let axes = passage.axes(column: Double(column) + half, row: Double(row) + half) else {
      return false
    }
    return axes.enter != 2 && axes.leave != 2
  }
}

/// Spearman's rank correlation: that of the places of two lists' numbers in ascending order, equal numbers sharing
/// the mean of their places.
package enum RankCorrelation {
  /// The correlation, -1 to 1; nil where a list has no two different numbers.
  package static func of(_ x: [Float], _ y: [Float]) -> Double? {
    precondition(x.count == y.count, "\(x.count) numbers against \(y.count)")
    let (a, b) = (ranks(of: x), ranks(of: y))
    // Places sum to n (n - 1) / 2, ties or not.
    let mean = Double(x.count - 1) / 2
    var (aa, bb, ab) = (0.0, 0.0, 0.0)
    for (p, q) in zip(a, b) {
      aa += (p - mean) * (p - mean)
      bb += (q - mean) * (q - mean)
      ab += (p - mean) * (q - mean)
    }
    guard aa > 0, bb > 0 else { return nil }
    return ab / (aa * bb).squareRoot()
  }

  private static func ranks(of values: [Float]) -> [Double] {
    let order = values.indices.sorted { values[$0] < values[$1] }
    var ranks = [Double](repeating: 0, count: values.count)
    var start = 0
    while start < order.count {
      var end = start + 1
      while end < order.count, values[order[end]] == values[order[start]] { end += 1 }
      for place in start..<end { ranks[order[place]] = Double(start + end - 1) / 2 }
      start = end
    }
    return ranks
  }
}
