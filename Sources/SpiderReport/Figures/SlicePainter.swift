import SpiderCore

/// Paints one column's slices: CT in grey, labels in colour over it.
struct SlicePainter {
  private let window: DisplayWindow
  private let volume: WorldSampler<Float>?
  private let labels: WorldSampler<UInt8>?

  init(column: SliceFigure.Column, window: DisplayWindow) {
    self.window = window
    volume = column.volume.map(WorldSampler.init)
    labels = column.labels.map(WorldSampler.init)
  }

  func paint(_ placement: SlicePlacement, at frame: PixelFrame, in picture: inout RGBImage) {
    for y in 0..<placement.height {
      for x in 0..<placement.width {
        picture[frame.x + x, frame.y + y] = color(at: placement.worldPoint(x: x, y: y))
      }
    }
  }

  private func color(at point: Vector3) -> RGBColor {
    let brightness = volume?.interpolated(at: point).map(window.brightness)
    let label = labels?.nearest(to: point)
    if let label, let tint = LabelPalette.color(of: label) {
      // Shaded by the CT, so that the anatomy stays visible under a hue that the legend explains.
      return tint.over(RGBColor(0, 0, 0), opacity: brightness.map { 0.6 + 0.4 * $0 } ?? 1)
    }
    if let brightness { return RGBColor(gray: brightness) }
    return volume == nil && label != nil ? RGBColor(0, 0, 0) : FigureStyle.nothing
  }
}
