import Foundation

/// Measures of the likeness of two sets of CT numbers. Voxels where `counted` is false take no part.
public enum ImageMetrics {
  /// The window of HU in which volumes are compared.
  public static let window: ClosedRange<Float> = -1000...2000
  /// Its width, the data range of PSNR and SSIM.
  public static let dataRange = 3000.0

  /// CT numbers clipped to the window; what is not a number counts as air.
  public static func clipped(_ values: [Float]) -> [Float] {
    values.map { $0.isNaN ? window.lowerBound : min(max($0, window.lowerBound), window.upperBound) }
  }

  /// Mean of squared differences; nil when nothing is counted.
  public static func meanSquaredError(
    _ a: [Float], _ b: [Float], counted: [Bool]? = nil
  ) -> Double? {
    mean(a, b, counted) { ($0 - $1) * ($0 - $1) }
  }

  /// Mean of absolute differences; nil when nothing is counted.
  public static func meanAbsoluteError(
    _ a: [Float], _ b: [Float], counted: [Bool]? = nil
  ) -> Double? {
    mean(a, b, counted) { abs($0 - $1) }
  }

  /// Peak signal-to-noise ratio in dB for a peak, at most 100 (which equal arrays get, as in the
  /// published test scripts); nil when nothing is counted.
  public static func psnr(
    _ a: [Float], _ b: [Float], peak: Double = dataRange, counted: [Bool]? = nil
  ) -> Double? {
    meanSquaredError(a, b, counted: counted).map { error in
      error > 0 ? min(100, 10 * log10(peak * peak / error)) : 100
    }
  }

  /// HU as the X2CT-GAN test script counts them: clip(HU + 1024, 0, 2500), truncated to whole
  /// numbers.
  public static func x2ctUnits(_ values: [Float]) -> [Float] {
    values.map { $0.isNaN ? 0 : min(max($0 + 1024, 0), 2500).rounded(.towardZero) }
  }

  /// PSNR in the X2CT-GAN convention: units of 1 HU up to 2500, but a peak of 4095, which adds
  /// 20 log10(4095 / 2500) = 4.29 dB for nothing. To be printed beside `psnr`, never instead.
  public static func psnrX2CTConvention(
    _ a: [Float], _ b: [Float], counted: [Bool]? = nil
  ) -> Double? {
    psnr(x2ctUnits(a), x2ctUnits(b), peak: 4095, counted: counted)
  }

  /// Cosine of the angle between clip(HU + 1024, 0, 2500) of both; nil when one is zero throughout.
  public static func cosineSimilarity(
    _ a: [Float], _ b: [Float], counted: [Bool]? = nil
  ) -> Double? {
    precondition(a.count == b.count, "\(a.count) values against \(b.count)")
    var (ab, aa, bb) = (0.0, 0.0, 0.0)
    for index in a.indices where counted?[index] ?? true {
      let x = Double(a[index].isNaN ? 0 : min(max(a[index] + 1024, 0), 2500))
      let y = Double(b[index].isNaN ? 0 : min(max(b[index] + 1024, 0), 2500))
      ab += x * y
      aa += x * x
      bb += y * y
    }
    return aa > 0 && bb > 0 ? min(1, ab / (aa.squareRoot() * bb.squareRoot())) : nil
  }

  private static func mean(
    _ a: [Float], _ b: [Float], _ counted: [Bool]?, _ term: (Double, Double) -> Double
  ) -> Double? {
    precondition(a.count == b.count, "\(a.count) values against \(b.count)")
    precondition(counted.map { $0.count == a.count } ?? true, "the mask must cover the values")
    var sum = 0.0
    var count = 0
    for index in a.indices where counted?[index] ?? true {
      sum += term(Double(a[index]), Double(b[index]))
      count += 1
    }
    return count > 0 ? sum / Double(count) : nil
  }
}
