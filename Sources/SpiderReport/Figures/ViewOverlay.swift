import Foundation
import SpiderCore

/// A film-like picture of a radiograph with what it shows drawn over it: the volume's box and centre, the
/// isocentre, and the patient's axes through the centre with their letters.
///
/// All of it is placed by ``/SpiderImaging/ProjectionGeometry/project(_:)`` alone, so that a picture whose
/// anatomy does not match its letters shows a fault at once.
package struct ViewOverlay {
  /// The radiograph shown.
  package var radiograph: Radiograph
  /// The volume's grid.
  package var grid: VoxelGrid
  /// The title under the picture, before the facts of the geometry.
  package var title: String
  /// The detector in whose pixels places are told: the radiograph's own unless that was made with finer
  /// pixels for the picture.
  package var pixelGeometry: ProjectionGeometry

  /// The length of the axes from the centre, mm.
  private static let reach = 60.0
  private static let textScale = 2
  private static let colors: [RGBColor] = [
    RGBColor(255, 92, 92), RGBColor(96, 220, 110), RGBColor(110, 160, 255),
  ]
  private static let box = RGBColor(70, 110, 150)
  private static let middle = RGBColor(255, 255, 255)
  private static let axisPoint = RGBColor(255, 196, 64)

  /// An overlay of a radiograph that was made of a volume on this grid.
  package init(
    title: String, radiograph: Radiograph, grid: VoxelGrid,
    pixelGeometry: ProjectionGeometry? = nil
  ) {
    self.title = title
    self.pixelGeometry = pixelGeometry ?? radiograph.geometry
    self.radiograph = radiograph
    self.grid = grid
  }

  /// Picture pixels along each side of a detector pixel.
  package var zoom: Int {
    let geometry = radiograph.geometry
    return max(
      1, (640 + max(geometry.columns, geometry.rows) - 1) / max(geometry.columns, geometry.rows))
  }

  /// The position of a world point, in pixels from the picture's top left corner; nil behind the source.
  package func place(of point: Vector3) -> SIMD2<Double>? {
    let matrix = radiograph.geometry.matrix
    guard matrix.depth(of: point) > 1e-6 else { return nil }
    return (matrix.project(point) + 0.5) * Double(zoom)
  }

  /// The finished picture: the film, and under it a few lines that say what is drawn.
  package func render() -> RGBImage {
    let geometry = radiograph.geometry
    let (width, height) = (geometry.columns * zoom, geometry.rows * zoom)
    let lines = Self.wrapped(captions, width: width - 16)
    let lineHeight = 9 * Self.textScale
    var picture = RGBImage(
      width: width, height: height + lines.count * lineHeight + 12, color: FigureStyle.paper)
    let film = FilmPicture(radiograph).pixels
    for y in 0..<height {
      for x in 0..<width {
        let level = film[(y / zoom) * geometry.columns + x / zoom]
        picture[x, y] = RGBColor(level, level, level)
      }
    }
    drawBox(in: &picture)
    for axis in 0..<3 { drawAxis(axis, in: &picture) }
    drawCross(grid.center, Self.middle, in: &picture)
    if let isocenter = geometry.isocenter {
      drawCircle(isocenter, Self.axisPoint, in: &picture)
    }
    // What was drawn beyond the film must not run into the text.
    picture.fill(
      PixelFrame(x: 0, y: height, width: width, height: picture.height - height),
      with: FigureStyle.paper)
    for (index, line) in lines.enumerated() {
      picture.draw(
        line, x: 8, y: height + 8 + index * lineHeight, scale: Self.textScale,
        color: FigureStyle.note)
    }
    return picture
  }

  /// The geometry in words.
  private var captions: [String] {
    let geometry = radiograph.geometry
    func pixel(_ point: Vector3) -> String {
      let p = pixelGeometry.project(point)
      return String(format: "column %.1f, row %.1f", p.x, p.y)
    }
    let source = AnatomicalAxis(closestTo: -geometry.centralDirection).rawValue
    var lines = [
      "\(title): source \(source), columns to "
        + "\(AnatomicalAxis(closestTo: geometry.columnStep).rawValue), rows to "
        + "\(AnatomicalAxis(closestTo: geometry.rowStep).rawValue)"
    ]
    lines.append(
      "+ volume's centre at \(pixel(grid.center)). Axes: \(Int(Self.reach)) mm each way. Box: the volume"
    )
    if let isocenter = geometry.isocenter {
      lines.append(
        "O isocentre at \(pixel(isocenter)), "
          + String(format: "magnified %.3g times", geometry.magnification(at: isocenter)))
    }
    return lines
  }

  private static func wrapped(_ lines: [String], width: Int) -> [String] {
    lines.flatMap { text in
      var result: [String] = []
      var line = ""
      for word in text.split(separator: " ") {
        let longer = line.isEmpty ? String(word) : line + " " + word
        if !line.isEmpty, RGBImage.textSize(longer, scale: textScale).width > width {
          result.append(line)
          line = String(word)
        } else {
          line = longer
        }
      }
      return result + [line]
    }
  }

  private func drawSegment(
    _ a: Vector3, _ b: Vector3, width: Int, _ color: RGBColor, in picture: inout RGBImage
  ) {
    guard let from = place(of: a), let to = place(of: b) else { return }
    picture.drawLine(from: from, to: to, width: width, color: color)
  }

  /// The twelve edges of the volume: the outer faces of its outer voxels.
  private func drawBox(in picture: inout RGBImage) {
    let last = [Double(grid.nx) - 0.5, Double(grid.ny) - 0.5, Double(grid.nz) - 0.5]
    func corner(_ bits: Int) -> Vector3 {
      grid.worldPoint(
        bits & 1 == 0 ? -0.5 : last[0], bits & 2 == 0 ? -0.5 : last[1],
        bits & 4 == 0 ? -0.5 : last[2])
    }
    for bits in 0..<8 {
      for axis in 0..<3 where bits & (1 << axis) == 0 {
        drawSegment(corner(bits), corner(bits | 1 << axis), width: 1, Self.box, in: &picture)
      }
    }
  }

  /// One axis of the patient with a letter at each end. Where it points at the viewer, the letters stand
  /// apart from the middle all the same.
  private func drawAxis(_ axis: Int, in picture: inout RGBImage) {
    let color = Self.colors[axis]
    let center = grid.center
    for isPositive in [true, false] {
      let letter = AnatomicalAxis(worldAxis: axis, positive: isPositive)
      let end = center + letter.direction * Self.reach
      drawSegment(center, end, width: 2, color, in: &picture)
      guard let from = place(of: center), let to = place(of: end) else { continue }
      let way = to - from
      let distance = (way * way).sum().squareRoot()
      // Text 10 x 14 pixels, 14 pixels beyond the end.
      let direction = distance > 12 ? way / distance : SIMD2(isPositive ? -0.7 : 0.7, 0.7)
      let middle = distance > 12 ? to + direction * 14 : from + direction * 22
      let (x, y) = (Int(middle.x) - 5, Int(middle.y) - 7)
      picture.fill(PixelFrame(x: x - 3, y: y - 3, width: 16, height: 20), with: RGBColor(0, 0, 0))
      picture.draw(String(letter.rawValue), x: x, y: y, scale: Self.textScale, color: color)
    }
  }

  private func drawCross(_ point: Vector3, _ color: RGBColor, in picture: inout RGBImage) {
    guard let p = place(of: point) else { return }
    for arm in [SIMD2(9.0, 0), SIMD2(0, 9.0)] {
      picture.drawLine(from: p - arm, to: p + arm, width: 2, color: color)
    }
  }

  private func drawCircle(_ point: Vector3, _ color: RGBColor, in picture: inout RGBImage) {
    guard let p = place(of: point) else { return }
    func rim(_ step: Int) -> SIMD2<Double> {
      let angle = Double(step) * .pi / 12
      return p + SIMD2(cos(angle), sin(angle)) * 13
    }
    for step in 0..<24 {
      picture.drawLine(from: rim(step), to: rim(step + 1), width: 2, color: color)
    }
  }
}
