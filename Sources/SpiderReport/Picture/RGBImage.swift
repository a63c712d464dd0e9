import Foundation
import SpiderIO

/// A picture to look at: 8-bit red, green and blue, row by row from the top left.
public struct RGBImage: Equatable, Sendable {
  /// Pixels in a row.
  public let width: Int
  /// Pixels in a column.
  public let height: Int
  /// The channels, `height` x `width` x 3.
  public private(set) var pixels: [UInt8]

  /// A picture of one colour.
  public init(width: Int, height: Int, color: RGBColor) {
    precondition(width > 0 && height > 0, "a picture of \(width) x \(height) pixels")
    self.width = width
    self.height = height
    pixels = []
    pixels.reserveCapacity(width * height * 3)
    for _ in 0..<(width * height) { pixels += [color.red, color.green, color.blue] }
  }

  /// The pixel in a column and a row.
  public subscript(x: Int, y: Int) -> RGBColor {
    get {
      let start = offset(x, y)
      return RGBColor(pixels[start], pixels[start + 1], pixels[start + 2])
    }
    set {
      let start = offset(x, y)
      pixels[start] = newValue.red
      pixels[start + 1] = newValue.green
      pixels[start + 2] = newValue.blue
    }
  }

  private func offset(_ x: Int, _ y: Int) -> Int {
    precondition(
      x >= 0 && x < width && y >= 0 && y < height, "pixel (\(x), \(y)) of \(width) x \(height)")
    return (y * width + x) * 3
  }

  /// Fills a rectangle; what lies outside the picture is left out.
  package mutating func fill(_ frame: PixelFrame, with color: RGBColor) {
    for y in max(0, frame.y)..<max(0, frame.y, min(height, frame.y + frame.height)) {
      for x in max(0, frame.x)..<max(0, frame.x, min(width, frame.x + frame.width)) {
        self[x, y] = color
      }
    }
  }
}

/// A colour of 8 bits per channel.
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
  package func over(_ below: RGBColor, opacity: Double) -> RGBColor {
    func mix(_ top: UInt8, _ bottom: UInt8) -> UInt8 {
      UInt8((Double(bottom) + (Double(top) - Double(bottom)) * opacity).rounded())
    }
    return RGBColor(mix(red, below.red), mix(green, below.green), mix(blue, below.blue))
  }
}

/// A rectangle of a picture: its top left pixel and its size.
package struct PixelFrame: Hashable, Sendable {
  /// The leftmost column.
  package var x: Int
  /// The topmost row.
  package var y: Int
  /// Pixels in a row.
  package var width: Int
  /// Pixels in a column.
  package var height: Int

  /// Builds a rectangle.
  package init(x: Int, y: Int, width: Int, height: Int) {
    self.x = x
    self.y = y
    self.width = width
    self.height = height
  }
}

extension RGBImage {
  /// The picture as the bytes of a PNG file.
  public var png: Data { PNG.encodeRGB8(pixels, width: width, height: height) }

  /// Writes the picture as a PNG file, whole or not at all.
  ///
  /// - Throws: ``/SpiderIO/FileError``; then no file has appeared and none has changed.
  public func writePNG(to url: URL, overwrite: Bool = false) throws(FileError) {
    try PNG.writeRGB8(pixels, width: width, height: height, to: url, overwrite: overwrite)
  }
}
