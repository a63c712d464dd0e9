import Foundation
import SpiderImaging

/// The quantization of a detector's signal to whole numbers.
public struct Digitization: Codable, Equatable, Sendable {
  /// Bits of a pixel.
  public var bits: Int
  /// The open field's share of the largest number; above 1 it saturates.
  public var openField: Double

  /// By default 14 bits, the open field at 80 % of the scale.
  public init(bits: Int = 14, openField: Double = 0.8) {
    self.bits = bits
    self.openField = openField
  }

  /// The largest number.
  package var fullScale: Float { Float((1 << bits) - 1) }

  func check() throws(PhysicsError) {
    try PhysicsError.check("the bits of a pixel", Double(bits), in: 4...20)
    try PhysicsError.check("the open field's share of the scale", openField, in: 0.01...100)
  }

  /// The number of a signal that is 1 in the open field; NaN stays NaN.
  func count(_ signal: Float) -> Float {
    let value = (signal * Float(openField) * fullScale).rounded()
    return value < 0 ? 0 : value > fullScale ? fullScale : value
  }
}

/// The processing of a radiograph into a picture to look at: a window of line integrals, a curve, and few
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
  package func picture(of radiograph: Radiograph) -> Radiograph {
    let sorted = radiograph.countingValues.sorted()
    let black = sorted.quantileOfSorted(window.lowerBound) ?? 0
    let white = sorted.quantileOfSorted(window.upperBound) ?? black
    let levels = Double((1 << bits) - 1)
    var result = radiograph
    result.intensity = .relative
    result.photonEnergy = nil
    result.values = radiograph.values.map { value in
      guard white > black else { return 0 }
      let share = (Double(value) - Double(black)) / (Double(white) - Double(black))
      guard share > 0 else { return share.isNaN ? .nan : 0 }
      return Float((pow(min(share, 1), gamma) * levels).rounded() / levels)
    }
    return result
  }
}
