import SpiderCore

/// A head at a glance, phantom or patient: its X-rays, three planes and the surface of its bone, in one row
/// a head and all at one scale, so that heads can be compared.
public struct HeadFigure {
  /// One head.
  public struct Row {
    /// The title beside it.
    public var title: String
    /// The CT, HU, isocentre at `center`.
    public var ct: Volume
    /// X-rays of it.
    public var radiographs: [Radiograph]
    /// The middle of what is shown, world mm.
    public var center: Vector3

    /// Builds a row; every row of a figure has as many X-rays.
    public init(
      title: String, ct: Volume, radiographs: [Radiograph], center: Vector3 = .zero
    ) {
      self.title = title
      self.ct = ct
      self.radiographs = radiographs
      self.center = center
    }
  }

  /// The heads, from the top.
  public var rows: [Row]
  /// Pixels along a side of a panel.
  public var panelSize = 256
  /// The side of the world's part that a panel shows, mm.
  public var side = 256.0
  /// The grey scale of the planes.
  public var window = DisplayWindow.bone
  /// The offsets of the planes from the middle, mm: through the sinuses, the orbits' backs, beside the
  /// midline.
  public var planes = Vector3(2, 38, -12)

  /// A figure of at least one head.
  public init(rows: [Row]) {
    precondition(!rows.isEmpty, "a figure of heads needs one")
    self.rows = rows
  }

  /// The finished picture.
  public func render() -> RGBImage {
    let columns = (rows.map(\.radiographs.count).max() ?? 0) + BodyPlane.allCases.count + 1
    let (gap, margin, title) = (FigureStyle.gap, FigureStyle.margin, FigureStyle.titleHeight)
    let width = 2 * margin + columns * panelSize + (columns - 1) * gap
    let footer = FigureFooter(caption: caption, width: width - 2 * margin)
    let bottom = margin + rows.count * (title + panelSize + gap)
    var picture = RGBImage(
      width: width, height: bottom + footer.height + margin, color: FigureStyle.paper)
    for (index, row) in rows.enumerated() {
      let top = margin + index * (title + panelSize + gap)
      picture.draw(row.title, x: margin, y: top, scale: 2, color: FigureStyle.ink)
      for (column, panel) in panels(of: row).enumerated() {
        picture.paste(panel, x: margin + column * (panelSize + gap), y: top + title)
      }
    }
    footer.draw(x: margin, y: bottom + 4, in: &picture)
    return picture
  }

  private var caption: String {
    "X-rays: bone is bright, each with its own grey scale. Planes: \(window), patient's right at the "
      + "viewer's left. Surface: 300 HU."
  }

  private func panels(of row: Row) -> [RGBImage] {
    let whole = PixelFrame(x: 0, y: 0, width: panelSize, height: panelSize)
    var panels: [RGBImage] = row.radiographs.map { radiograph in
      var panel = RGBImage(width: panelSize, height: panelSize, color: RGBColor(0, 0, 0))
      RadiographPainter(radiograph).paint(at: whole, in: &panel)
      return panel
    }
    let half = Vector3(repeating: side / 2)
    let box = WorldBox(low: row.center - half, high: row.center + half)
    let painter = SlicePainter(column: .init(title: row.title, volume: row.ct), window: window)
    for plane in BodyPlane.allCases {
      var panel = RGBImage(width: panelSize, height: panelSize, color: FigureStyle.nothing)
      let raster = SliceRaster(
        plane: plane, through: row.center + planes, covering: box,
        pixelSize: side / Double(panelSize))
      painter.paint(raster, at: whole, in: &panel)
      panels.append(panel)
    }
    var surface = SurfaceRendering(row.ct)
    surface.center = row.center
    surface.side = side
    return panels + [surface.render(pixels: panelSize)]
  }
}

extension RGBImage {
  /// Copies another picture into this one, its top left corner at (x, y); what lies outside is cut off.
  mutating func paste(_ other: RGBImage, x: Int, y: Int) {
    for row in max(0, -y)..<max(0, -y, min(other.height, height - y)) {
      for column in max(0, -x)..<max(0, -x, min(other.width, width - x)) {
        self[x + column, y + row] = other[column, row]
      }
    }
  }
}
