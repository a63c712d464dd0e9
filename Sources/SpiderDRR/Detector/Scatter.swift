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
  public static let referenceThickness = 200.0

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
