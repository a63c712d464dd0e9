import SpiderCore

/// Paints one radiograph in grey; masked and non-finite pixels are left in the colour of nothing.
struct RadiographPainter {
  private let radiograph: Radiograph
  private let scale: RadiographPicture

  init(_ radiograph: Radiograph) {
    self.radiograph = radiograph
    scale = RadiographPicture(radiograph)
  }

  func paint(at frame: PixelFrame, in picture: inout RGBImage) {
    let geometry = radiograph.geometry
    for y in 0..<frame.height {
      let row = position(y, of: frame.height, count: geometry.rows)
      for x in 0..<frame.width {
        let column = position(x, of: frame.width, count: geometry.columns)
        picture[frame.x + x, frame.y + y] = color(column: column, row: row)
      }
    }
  }

  /// Where a picture's pixel centre lies among detector pixels whose outer edges it fills.
  private func position(_ pixel: Int, of pixels: Int, count: Int) -> Float {
    let place = (Float(pixel) + 0.5) * Float(count) / Float(pixels) - 0.5
    return min(max(place, 0), Float(count - 1))
  }

  private func color(column: Float, row: Float) -> RGBColor {
    let geometry = radiograph.geometry
    let nearest = Int(row.rounded()) * geometry.columns + Int(column.rounded())
    guard radiograph.counts(nearest) else { return FigureStyle.nothing }
    let (c, r) = (Int(column), Int(row))
    let (nextC, nextR) = (min(c + 1, geometry.columns - 1), min(r + 1, geometry.rows - 1))
    let (u, v) = (column - Float(c), row - Float(r))
    let upper = radiograph[c, r] + (radiograph[nextC, r] - radiograph[c, r]) * u
    let lower = radiograph[c, nextR] + (radiograph[nextC, nextR] - radiograph[c, nextR]) * u
    var value = upper + (lower - upper) * v
    // Beside a pixel that is no number, the nearest one stands for itself.
    if !value.isFinite { value = radiograph.values[nearest] }
    return RGBColor(gray: scale.brightness(value))
  }
}
