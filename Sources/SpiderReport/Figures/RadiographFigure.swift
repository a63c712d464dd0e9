import Foundation
import SpiderCore
import SpiderDRR

/// A picture of radiographs side by side, as they hang, bone bright.
///
/// The letters at the edges are read off each geometry's own vectors, never off a name: a picture that
/// was handed over mirrored shows itself.
public struct RadiographFigure {
  /// One radiograph of the figure.
  public struct Panel {
    /// The title above it, cut where it is wider than the image.
    public var title: String
    /// The image with its geometry.
    public var radiograph: Radiograph

    /// Titles a radiograph.
    public init(title: String, radiograph: Radiograph) {
      self.title = title
      self.radiograph = radiograph
    }
  }

  /// The radiographs, left to right.
  public var panels: [Panel]
  /// Pixels from top to bottom of every radiograph.
  public var panelHeight = 384
  /// The caption under the figure.
  public var caption = "Attenuation: bone is bright. Each view has its own grey scale."

  /// A figure of at least one radiograph.
  public init(panels: [Panel]) {
    precondition(!panels.isEmpty, "a figure of radiographs needs one")
    self.panels = panels
  }

  /// The frame of a radiograph in the finished picture. Its aspect is that of the detector in millimetres.
  package func frame(of panel: Int) -> PixelFrame {
    var x = FigureStyle.margin
    for index in 0..<panel { x += imageWidth(of: index) + FigureStyle.gap }
    return PixelFrame(
      x: x, y: FigureStyle.margin + FigureStyle.titleHeight, width: imageWidth(of: panel),
      height: panelHeight)
  }

  /// The finished picture.
  public func render() -> RGBImage {
    let widths = panels.indices.reduce(0) { $0 + imageWidth(of: $1) }
    let width = 2 * FigureStyle.margin + widths + (panels.count - 1) * FigureStyle.gap
    let bottom = FigureStyle.margin + FigureStyle.titleHeight + panelHeight + FigureStyle.gap
    let footer = FigureFooter(caption: caption, width: width - 2 * FigureStyle.margin)
    var picture = RGBImage(
      width: width, height: bottom + footer.height + FigureStyle.margin, color: FigureStyle.paper)
    for (index, panel) in panels.enumerated() {
      let frame = frame(of: index)
      picture.drawCentered(
        Self.cut(panel.title, to: frame.width), x: frame.x + frame.width / 2,
        y: FigureStyle.margin, scale: 2, color: FigureStyle.ink)
      RadiographPainter(panel.radiograph).paintWithDirections(at: frame, in: &picture)
    }
    footer.draw(x: FigureStyle.margin, y: bottom + 4, in: &picture)
    return picture
  }

  private func imageWidth(of panel: Int) -> Int {
    let geometry = panels[panel].radiograph.geometry
    let across = Double(geometry.columns) * length(geometry.columnStep)
    let down = Double(geometry.rows) * length(geometry.rowStep)
    // A detector of absurd shape (a single row, say) must not make a picture of absurd size.
    let width = Double(panelHeight) * min(max(across / down, 1 / 8), 8)
    return max(1, Int(width.rounded()))
  }

  /// A title that keeps a letter's distance to its neighbours', its end left out where it is too long.
  private static func cut(_ title: String, to width: Int) -> String {
    func fits(_ text: String) -> Bool {
      RGBImage.textSize(text + " ", scale: 2).width <= width
    }
    if fits(title) { return title }
    var start = title
    while !start.isEmpty, !fits(start + "..") { start.removeLast() }
    return start + ".."
  }
}

extension AnatomicalAxis {
  /// The direction of the patient that a vector is nearest to.
  init(closestTo vector: Vector3) {
    let axis = [0, 1, 2].reduce(0) { abs(vector[$1]) > abs(vector[$0]) ? $1 : $0 }
    self.init(worldAxis: axis, positive: vector[axis] > 0)
  }
}

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

  /// The same, with the patient's directions at the edges.
  func paintWithDirections(at frame: PixelFrame, in picture: inout RGBImage) {
    paint(at: frame, in: &picture)
    picture.drawDirections(
      right: AnatomicalAxis(closestTo: radiograph.geometry.columnStep),
      down: AnatomicalAxis(closestTo: radiograph.geometry.rowStep), in: frame)
  }

  /// The detector position of a picture's pixel centre; the detector fills the picture to its edges.
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
