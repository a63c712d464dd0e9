/// A colour of 8 bits a channel.
public struct RGBColor: Hashable, Sendable {
  /// Red, 0 to 255.
  public var red: UInt8
  /// Green, 0 to 255.
  public var green: UInt8
  /// Blue, 0 to 255.
  public var blue: UInt8

  /// Builds a colour from its channels.
  public init(_ red: UInt8, _ green: UInt8, _ blue: UInt8) {
    self.red = red
    self.green = green
    self.blue = blue
  }

  /// A grey of brightness 0 to 1; what lies outside is clamped, NaN is black.
  public init(gray brightness: Double) {
    let level = brightness > 0 ? UInt8((min(brightness, 1) * 255).rounded()) : 0
    self.init(level, level, level)
  }

  /// This colour laid over another: 0 leaves the other, 1 hides it.
  public func over(_ below: RGBColor, opacity: Double) -> RGBColor {
    func mix(_ top: UInt8, _ bottom: UInt8) -> UInt8 {
      UInt8((Double(bottom) + (Double(top) - Double(bottom)) * opacity).rounded())
    }
    return RGBColor(mix(red, below.red), mix(green, below.green), mix(blue, below.blue))
  }
}
