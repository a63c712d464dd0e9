import Foundation
import SpiderImaging

/// Scattered radiation by a convolution model.
///
/// A ray of primary intensity t and line integral p has sent about t p towards scattering (first order:
/// what was lost, times what got through), and forward scatter arrives spread out around it:
///
///     s = (A t p) convolved with a Gaussian of the stated width
///
/// after B. Ohnesorge, T. Flohr and K. Klingenbeck-Regn, Eur. Radiol. 9 (1999) 563-569; the width plays
/// the part of the kernel of L. A. Love and R. A. Kruger, Med. Phys. 14 (1987) 178-185. Behind a wide
/// uniform object the ratio of scatter to primary is A p: it grows with thickness, as measured ones do.
public struct Scatter: Codable, Equatable, Sendable {
  /// The ratio of scatter to primary behind a wide layer of 200 mm of water; without a grid about 2 to
  /// 4, with one 0.3 to 1.
  public var ratio: Double
  /// The full width at half maximum of the kernel at the detector, mm.
  public var width: Double

  /// By default the ratio behind a grid, and a kernel of 80 mm.
  public init(ratio: Double = 0.5, width: Double = 80) {
    self.ratio = ratio
    self.width = width
  }

  /// The thickness of water at which ``ratio`` is stated, mm.
  package static let referenceThickness = 200.0

  func check() throws(PhysicsError) {
    try PhysicsError.check("the ratio of scatter to primary", ratio, in: 0...20)
    try PhysicsError.check("the width of the scatter kernel", width, in: 1...2000, "mm")
  }

  /// The scatter, as a part of the open field.
  ///
  /// Scatter is smooth: it is blurred on bins of at most a quarter of the kernel's deviation and
  /// interpolated between them.
  ///
  /// - Parameters:
  ///   - primary: intensity as a part of the open field.
  ///   - lineIntegrals: of the same rays.
  ///   - reference: the line integral of ``referenceThickness`` of water.
  func scattered(
    primary: [Float], lineIntegrals: [Float], reference: Double, on geometry: ProjectionGeometry
  ) -> [Float] {
    let amplitude = Float(ratio / reference)
    let source = zip(primary, lineIntegrals).map { amplitude * $0 * max(0, $1) }
    let deviation = width / GaussianBlur.widthOfOne
    let pixels = SIMD2(length(geometry.columnStep), length(geometry.rowStep))
    let bins = BinnedImage.Shape(
      columns: geometry.columns, rows: geometry.rows,
      across: max(1, Int(deviation / pixels.x / 4)), down: max(1, Int(deviation / pixels.y / 4)))
    // Bins of several pixels are four to a deviation at least, more than they add themselves.
    func own(_ pixel: Double, _ size: Int) -> Double {
      let bins = deviation / pixel / Double(size)
      return size == 1 ? bins : (bins * bins - BinnedImage.addedVariance).squareRoot()
    }
    let blur = GaussianBlur(columns: own(pixels.x, bins.across), rows: own(pixels.y, bins.down))
    let coarse = BinnedImage.means(of: source, bins)
    return BinnedImage.interpolated(
      blur.blurred(coarse, columns: bins.binColumns, rows: bins.binRows), bins)
  }
}

/// Images on bins of several pixels, for what is too smooth to need every pixel.
enum BinnedImage {
  /// The division of an image into bins; the last bin of a row or column may be narrower.
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

  /// The variance that binning and interpolation add to a blur, in bins squared:
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
