import SpiderCore

/// One picture by which a prepared patient is checked: where the field of view lies in the scan, slices
/// of all of it with the labels over them, and its X-rays.
package struct ContactSheet {
  /// The scan as it came.
  package var scan: Volume
  /// The prepared CT, in the world of the scan.
  package var ct: Volume
  /// Its labels on the same grid.
  package var labels: LabelVolume
  /// The tissue classes.
  package var scheme: LabelScheme
  /// X-rays of the prepared patient; pixels that say nothing are left dark.
  package var radiographs: [RadiographFigure.Panel]
  /// The title.
  package var title: String
  /// The notes of the preparation, one line each.
  package var notes: [String]

  /// Pixels along a side of a panel.
  private static let panel = 240
  private static let columns = 5
  /// The places of the slices, as shares of the field of view.
  private static let places: [(BodyPlane, [Double])] = [
    (.axial, [0.2, 0.32, 0.44, 0.56, 0.72]), (.coronal, [0.3, 0.42, 0.54, 0.66, 0.78]),
    (.sagittal, [0.32, 0.4, 0.5, 0.6, 0.68]),
  ]

  /// Gathers what is shown.
  package init(
    scan: Volume, ct: Volume, labels: LabelVolume, scheme: LabelScheme,
    radiographs: [RadiographFigure.Panel], title: String, notes: [String]
  ) {
    precondition(ct.grid == labels.grid, "CT and labels of '\(title)' lie on different grids")
    self.scan = scan
    self.ct = ct
    self.labels = labels
    self.scheme = scheme
    self.radiographs = radiographs
    self.title = title
    self.notes = notes
  }

  /// The finished picture.
  package func render() -> RGBImage {
    let step = Self.panel + FigureStyle.gap
    let width = 2 * FigureStyle.margin + Self.columns * step - FigureStyle.gap
    let top = FigureStyle.margin + FigureStyle.titleHeight
    let footers = notes.map { FigureFooter(caption: $0, width: width - 2 * FigureStyle.margin) }
    let legend = FigureFooter(
      entries: FigureFooter.Entry.legend(of: [labels], scheme), caption: caption,
      width: width - 2 * FigureStyle.margin)
    let notesTop = top + 4 * step + 4
    let notesHeight = footers.reduce(0) { $0 + $1.height }
    var picture = RGBImage(
      width: width, height: notesTop + notesHeight + legend.height + FigureStyle.margin,
      color: FigureStyle.paper)
    picture.draw(
      title, x: FigureStyle.margin, y: FigureStyle.margin, scale: 2, color: FigureStyle.ink)
    func frame(_ row: Int, _ column: Int) -> PixelFrame {
      PixelFrame(
        x: FigureStyle.margin + column * step, y: top + row * step, width: Self.panel,
        height: Self.panel)
    }
    drawOverview(in: &picture) { frame(0, $0) }
    drawRadiographs(in: &picture) { frame(0, 3 + $0) }
    for (row, (plane, shares)) in Self.places.enumerated() {
      for (column, share) in shares.enumerated() {
        drawSlice(plane, share, at: frame(row + 1, column), in: &picture)
      }
    }
    var y = notesTop
    legend.draw(x: FigureStyle.margin, y: y, in: &picture)
    y += legend.height
    for footer in footers {
      footer.draw(x: FigureStyle.margin, y: y, in: &picture)
      y += footer.height
    }
    return picture
  }

  // MARK: Panels

  /// The scan through the isocentre, the field of view drawn over it.
  private func drawOverview(in picture: inout RGBImage, frame: (Int) -> PixelFrame) {
    let field = WorldBox(around: ct.grid)
    let whole = WorldBox(around: scan.grid)
    let low = pointwiseMin(field.low, whole.low)
    let high = pointwiseMax(field.high, whole.high)
    // A cube, so that all three planes have one scale and square panels.
    let side = (high - low).max() * 1.02
    let box = WorldBox(low: (low + high) / 2 - side / 2, high: (low + high) / 2 + side / 2)
    let column = SliceFigure.Column(title: "", volume: scan)
    let painter = SlicePainter(column: column, window: DisplayWindow(low: -1000, high: 1200))
    for (place, plane) in BodyPlane.allCases.enumerated() {
      let raster = SliceRaster(
        plane: plane, through: field.center, covering: box,
        pixelSize: side / Double(Self.panel))
      let frame = frame(place)
      painter.paint(raster, at: frame, in: &picture)
      drawBox(field, raster, at: frame, in: &picture)
      picture.drawDirections(right: plane.rightward, down: plane.downward, in: frame)
    }
  }

  private func drawBox(
    _ box: WorldBox, _ raster: SliceRaster, at frame: PixelFrame, in picture: inout RGBImage
  ) {
    let a = raster.pixel(of: box.low)
    let b = raster.pixel(of: box.high)
    let origin = SIMD2(Double(frame.x) + 0.5, Double(frame.y) + 0.5)
    let corners = [a, SIMD2(b.x, a.y), b, SIMD2(a.x, b.y)].map { $0 + origin }
    for n in 0..<4 {
      picture.drawLine(
        from: corners[n], to: corners[(n + 1) % 4], width: 1, color: FigureStyle.direction)
    }
  }

  private func drawRadiographs(in picture: inout RGBImage, frame: (Int) -> PixelFrame) {
    for (place, panel) in radiographs.prefix(Self.columns - 3).enumerated() {
      let frame = frame(place)
      RadiographPainter(panel.radiograph).paintWithDirections(at: frame, in: &picture)
      picture.draw(
        panel.title, x: frame.x + 5, y: frame.y + 5, scale: 1, color: FigureStyle.note)
    }
  }

  private func drawSlice(
    _ plane: BodyPlane, _ share: Double, at frame: PixelFrame, in picture: inout RGBImage
  ) {
    let field = WorldBox(around: ct.grid)
    let point = field.low + field.size * share
    let raster = SliceRaster(
      plane: plane, through: point, covering: field,
      pixelSize: field.size.max() / Double(Self.panel))
    let column = SliceFigure.Column(title: "", volume: ct, labels: labels)
    SlicePainter(column: column, window: .bone).paint(raster, at: frame, in: &picture)
    picture.drawDirections(right: plane.rightward, down: plane.downward, in: frame)
    let offset = Int((point - field.center)[plane.normalAxis].rounded())
    picture.draw(
      "\(plane.rawValue) \(offset) mm", x: frame.x + 5, y: frame.y + 5, scale: 1,
      color: FigureStyle.note)
  }

  // MARK: Words

  private var caption: String {
    "Above: the scan as it came with the field of view, and X-rays of what was prepared; pixels whose "
      + "rays leave the scan through tissue are dark. Places in mm from the isocentre. Patient's right "
      + "at the viewer's left."
  }
}
