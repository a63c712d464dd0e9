import SpiderCore

/// Paints one column's slices: CT in grey, labels in colour over it.
struct SlicePainter {
  private let window: CTWindow
  private let volume: WorldSampler<Float>?
  private let labels: WorldSampler<UInt8>?
  /// Labels leave the anatomy visible under them; without a CT there is nothing to leave visible.
  private let opacity: Double

  init(column: SliceFigure.Column, window: CTWindow) {
    self.window = window
    volume = column.volume.map(WorldSampler.init)
    labels = column.labels.map(WorldSampler.init)
    opacity = column.volume == nil ? 1 : 0.55
  }

  func paint(_ placement: SlicePlacement, at frame: PixelFrame, in picture: inout RGBImage) {
    for y in 0..<placement.height {
      for x in 0..<placement.width {
        picture[frame.x + x, frame.y + y] = color(at: placement.worldPoint(x: x, y: y))
      }
    }
  }

  private func color(at point: Vector3) -> RGBColor {
    let gray = volume.map { $0.interpolated(at: point).map(window.brightness) }
    let label = labels?.nearest(to: point)
    var color: RGBColor
    switch gray {
    case .some(.some(let brightness)): color = RGBColor(gray: brightness)
    case .some(.none): color = FigureStyle.nothing
    case .none: color = label == nil ? FigureStyle.nothing : RGBColor(0, 0, 0)
    }
    if let label, let tint = LabelPalette.color(of: label) {
      color = tint.over(color, opacity: opacity)
    }
    return color
  }
}
