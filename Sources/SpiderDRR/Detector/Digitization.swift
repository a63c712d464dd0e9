import Foundation

/// How a detector turns its signal into whole numbers.
public struct Digitization: Codable, Equatable, Sendable {
  /// Bits of a pixel.
  public var bits: Int
  /// Where the open field lies on the scale, as a share of its largest number; above 1 it saturates.
  public var openField: Double

  /// By default 14 bits, the open field at 80 % of the scale.
  public init(bits: Int = 14, openField: Double = 0.8) {
    self.bits = bits
    self.openField = openField
  }

  /// The largest number.
  public var fullScale: Float { Float((1 << bits) - 1) }

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
