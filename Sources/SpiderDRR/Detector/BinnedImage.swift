/// Images on bins of several pixels, for what is too smooth to need every pixel.
enum BinnedImage {
  /// How pixels fall into bins; the last bin of a row or column may be narrower.
  struct Shape {
    let columns: Int
    let rows: Int
    /// Pixels of a bin along a row and along a column.
    let across: Int
    let down: Int

    var binColumns: Int { (columns + across - 1) / across }
    var binRows: Int { (rows + down - 1) / down }
    var isIdentity: Bool { across == 1 && down == 1 }
  }

  /// The weighted mean about each bin's centre: a pixel counts for the bins between whose centres it
  /// lies as they count for it in ``interpolated(_:_:)``, so that nothing moves sideways.
  static func means(of image: [Float], _ s: Shape) -> [Float] {
    guard !s.isIdentity else { return image }
    let across = (0..<s.columns).map { neighbours($0, s.across, s.binColumns) }
    var sums = [Float](repeating: 0, count: s.binColumns * s.binRows)
    var weights = sums
    for row in 0..<s.rows {
      let y = neighbours(row, s.down, s.binRows)
      for (bin, down) in [(y.low, 1 - y.share), (y.high, y.share)] where down > 0 {
        for (column, x) in across.enumerated() {
          let value = image[row * s.columns + column]
          let (low, high) = (bin * s.binColumns + x.low, bin * s.binColumns + x.high)
          let (left, right) = (down * (1 - x.share), down * x.share)
          sums[low] += left * value
          weights[low] += left
          sums[high] += right * value
          weights[high] += right
        }
      }
    }
    return zip(sums, weights).map { $1 > 0 ? $0 / $1 : 0 }
  }

  /// What making bins and interpolating between them adds to the variance of a blur, in bins squared:
  /// each spreads a point over a tent two bins wide on average, of variance 1/6.
  static let addedVariance = 1.0 / 3

  /// Bilinear between the centres of the bins, constant beyond the outermost.
  static func interpolated(_ bins: [Float], _ s: Shape) -> [Float] {
    guard !s.isIdentity else { return bins }
    let across = (0..<s.columns).map { neighbours($0, s.across, s.binColumns) }
    var image = [Float](repeating: 0, count: s.columns * s.rows)
    for row in 0..<s.rows {
      let y = neighbours(row, s.down, s.binRows)
      for column in 0..<s.columns {
        let x = across[column]
        let top =
          bins[y.low * s.binColumns + x.low] * (1 - x.share)
          + bins[y.low * s.binColumns + x.high] * x.share
        let bottom =
          bins[y.high * s.binColumns + x.low] * (1 - x.share)
          + bins[y.high * s.binColumns + x.high] * x.share
        image[row * s.columns + column] = top * (1 - y.share) + bottom * y.share
      }
    }
    return image
  }

  private static func neighbours(
    _ pixel: Int, _ size: Int, _ count: Int
  ) -> (low: Int, high: Int, share: Float) {
    let place = max(0, min(Float(count - 1), (Float(pixel) + 0.5) / Float(size) - 0.5))
    let low = Int(place)
    return (low, min(low + 1, count - 1), place - Float(low))
  }
}
