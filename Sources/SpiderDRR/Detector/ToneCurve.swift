import Foundation
import SpiderImaging

/// What turns a radiograph into a picture to look at: a window of line integrals, a curve, and few
/// grey levels. Which ones a given picture went through, nobody knows: it is relative from then on.
public struct ToneCurve: Codable, Equatable, Sendable {
  /// Brightness is (share of the window)^gamma.
  public var gamma: Double
  /// The window's ends, as quantiles of the image.
  public var window: ClosedRange<Double>
  /// Bits of a grey value.
  public var bits: Int

  /// By default a straight line over all but the extremes, in 8 bits.
  public init(gamma: Double = 1, window: ClosedRange<Double> = 0.01...0.999, bits: Int = 8) {
    self.gamma = gamma
    self.window = window
    self.bits = bits
  }

  func check() throws(PhysicsError) {
    try PhysicsError.check("gamma", gamma, in: 0.1...10)
    try PhysicsError.check("the lower end of the window", window.lowerBound, in: 0...0.9)
    try PhysicsError.check(
      "the upper end of the window", window.upperBound, in: window.lowerBound + 0.05...1)
    try PhysicsError.check("the bits of a grey value", Double(bits), in: 4...16)
  }

  /// The picture, as parts of full white, bone bright. What shows nothing is black.
  public func picture(of radiograph: Radiograph) -> Radiograph {
    let sorted = radiograph.countingValues.sorted()
    let black = sorted.quantileOfSorted(window.lowerBound) ?? 0
    let white = sorted.quantileOfSorted(window.upperBound) ?? black
    let levels = Double((1 << bits) - 1)
    var result = radiograph
    result.intensity = .relative
    result.values = radiograph.values.map { value in
      guard white > black else { return 0 }
      let share = (Double(value) - Double(black)) / (Double(white) - Double(black))
      guard share > 0 else { return share.isNaN ? .nan : 0 }
      return Float((pow(min(share, 1), gamma) * levels).rounded() / levels)
    }
    return result
  }
}
