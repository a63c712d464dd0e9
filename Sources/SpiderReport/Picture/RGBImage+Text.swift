extension RGBImage {
  /// How large a line of text is, in pixels, with dots of `scale` x `scale` pixels.
  public static func textSize(_ text: String, scale: Int) -> (width: Int, height: Int) {
    let dots = max(0, text.count * BitmapFont.advance - 1)
    return (dots * scale, BitmapFont.height * scale)
  }

  /// Writes a line of text whose top left corner is at (x, y). What lies outside is cut off.
  public mutating func draw(_ text: String, x: Int, y: Int, scale: Int, color: RGBColor) {
    for (place, character) in text.enumerated() {
      let left = x + place * BitmapFont.advance * scale
      for (row, bits) in BitmapFont.rows(of: character).enumerated() {
        for column in 0..<BitmapFont.width where bits >> (BitmapFont.width - 1 - column) & 1 == 1 {
          fill(
            PixelFrame(
              x: left + column * scale, y: y + row * scale, width: scale, height: scale),
            with: color)
        }
      }
    }
  }

  /// Writes a line of text centred on column `x`, with its top at `y`.
  public mutating func drawCentered(
    _ text: String, x: Int, y: Int, scale: Int, color: RGBColor
  ) {
    draw(text, x: x - Self.textSize(text, scale: scale).width / 2, y: y, scale: scale, color: color)
  }
}
