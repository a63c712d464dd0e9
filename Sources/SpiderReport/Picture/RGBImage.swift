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
  public mutating func fill(_ frame: PixelFrame, with color: RGBColor) {
    for y in max(0, frame.y)..<max(0, frame.y, min(height, frame.y + frame.height)) {
      for x in max(0, frame.x)..<max(0, frame.x, min(width, frame.x + frame.width)) {
        self[x, y] = color
      }
    }
  }
}
