import SpiderCore

/// A picture of three slices, truth beside result: the figure by which a reconstruction is looked at.
///
/// Rows are the axial, coronal and sagittal slice through one world point; columns are what is given
/// of truth CT, result CT, truth labels and result labels. Every column shows the same points of the
/// world, whatever grid and orientation its volume has.
public struct SliceFigure {
  /// One column of the figure.
  public struct Column {
    /// The title above it.
    public var title: String
    /// The CT shown in grey, or under the labels.
    public var volume: Volume?
    /// The labels laid over it in colour.
    public var labels: LabelVolume?

    /// Builds a column; it needs a volume or labels.
    public init(title: String, volume: Volume? = nil, labels: LabelVolume? = nil) {
      precondition(volume != nil || labels != nil, "a column shows a volume or labels")
      self.title = title
      self.volume = volume
      self.labels = labels
    }

    var grid: VoxelGrid? { volume?.grid ?? labels?.grid }
  }

  /// The columns, left to right.
  public var columns: [Column]
  /// The world point (mm) through which the slices go.
  public var point: Vector3
  /// The part of the world that is shown.
  public var region: WorldBox
  /// The grey scale of the CT.
  public var window = DisplayWindow.bone
  /// The names of the labels.
  public var scheme = LabelScheme.head
  /// Pixels along the longest side of the region.
  public var panelSize = 256

  /// A figure of given columns, at least one. The region is that of the last column's grid unless
  /// stated, the point its centre.
  public init(columns: [Column], through point: Vector3? = nil, region: WorldBox? = nil) {
    precondition(!columns.isEmpty, "a figure of slices needs a column")
    self.columns = columns
    let shown =
      region ?? columns.last.flatMap(\.grid).map(WorldBox.init(around:))
      ?? WorldBox(low: Vector3(repeating: -128), high: Vector3(repeating: 128))
    self.region = shown
    self.point = point ?? shown.center
  }

  /// The usual figure of a reconstruction: its CT and labels, each beside the truth where that is known.
  public init(
    result: Volume, resultLabels: LabelVolume? = nil, truth: Volume? = nil,
    truthLabels: LabelVolume? = nil, through point: Vector3? = nil
  ) {
    var columns: [Column] = []
    if let truth { columns.append(Column(title: "Truth CT", volume: truth)) }
    columns.append(Column(title: "Result CT", volume: result))
    if let truthLabels {
      columns.append(Column(title: "Truth labels", volume: truth, labels: truthLabels))
    }
    if let resultLabels {
      columns.append(Column(title: "Result labels", volume: result, labels: resultLabels))
    }
    self.init(columns: columns, through: point, region: WorldBox(around: result.grid))
  }

  /// The raster of a row's slices.
  package func raster(of plane: BodyPlane) -> SliceRaster {
    let size = region.size
    return SliceRaster(
      plane: plane, through: point, covering: region,
      pixelSize: max(size.x, size.y, size.z) / Double(panelSize))
  }

  /// The frame of a slice in the finished picture, by row and column.
  package func frame(of plane: BodyPlane, column: Int) -> PixelFrame {
    SliceFigureLayout(self).frame(of: plane, column: column)
  }

  /// The finished picture.
  public func render() -> RGBImage {
    let layout = SliceFigureLayout(self)
    let footer = FigureFooter(
      entries: legend, caption: caption, width: layout.width - 2 * FigureStyle.margin)
    var picture = RGBImage(
      width: layout.width, height: layout.bottom + footer.height + FigureStyle.margin,
      color: FigureStyle.paper)
    for (index, column) in columns.enumerated() {
      for (line, text) in layout.titles[index].enumerated() {
        picture.drawCentered(
          text, x: layout.column(index).middle,
          y: FigureStyle.margin + line * FigureStyle.titleHeight, scale: 2, color: FigureStyle.ink)
      }
      let painter = SlicePainter(column: column, window: window)
      for plane in BodyPlane.allCases {
        let frame = layout.frame(of: plane, column: index)
        painter.paint(raster(of: plane), at: frame, in: &picture)
        picture.drawDirections(right: plane.rightward, down: plane.downward, in: frame)
      }
    }
    for plane in BodyPlane.allCases {
      let frame = layout.frame(of: plane, column: 0)
      for (line, text) in place(of: plane).enumerated() {
        picture.draw(
          text, x: frame.x + 5, y: frame.y + 5 + line * 10, scale: 1, color: FigureStyle.note)
      }
    }
    footer.draw(x: FigureStyle.margin, y: layout.bottom + 4, in: &picture)
    return picture
  }

  /// The caption of a row's slice: "axial" and "z=12 mm".
  private func place(of plane: BodyPlane) -> [String] {
    let axis = ["x", "y", "z"][plane.normalAxis]
    return [plane.rawValue, "\(axis)=\(wholeNumber(point[plane.normalAxis])) mm"]
  }

  private var legend: [FigureFooter.Entry] {
    let maps = columns.compactMap(\.labels)
    return maps.isEmpty ? [] : FigureFooter.Entry.legend(of: maps, scheme)
  }

  private var caption: String {
    let window = columns.contains { $0.volume != nil } ? "CT window \(window). " : ""
    return window + "Radiological display: patient's right at the viewer's left."
  }
}

/// The layout of a ``SliceFigure``.
struct SliceFigureLayout {
  private let rasters: [BodyPlane: SliceRaster]
  private let rowTops: [BodyPlane: Int]
  private let columnWidth: Int
  /// The title of every column, a line each.
  let titles: [[String]]
  /// Pixels in a row of the picture.
  let width: Int
  /// The row at which the slices end.
  let bottom: Int

  init(_ figure: SliceFigure) {
    var rasters: [BodyPlane: SliceRaster] = [:]
    var tops: [BodyPlane: Int] = [:]
    for plane in BodyPlane.allCases { rasters[plane] = figure.raster(of: plane) }
    let panelWidth = rasters.values.map(\.width).max() ?? 1
    titles = figure.columns.map { Self.lines($0.title, width: panelWidth) }
    var y = FigureStyle.margin + FigureStyle.titleHeight * (titles.map(\.count).max() ?? 1)
    for plane in BodyPlane.allCases {
      guard let raster = rasters[plane] else { continue }
      tops[plane] = y
      y += raster.height + FigureStyle.gap
    }
    self.rasters = rasters
    rowTops = tops
    bottom = y
    // A column is at least as wide as a word of its title.
    columnWidth = max(panelWidth, titles.joined().map(Self.textWidth).max() ?? 1)
    let count = figure.columns.count
    width = 2 * FigureStyle.margin + count * columnWidth + (count - 1) * FigureStyle.gap
  }

  private static func textWidth(_ text: String) -> Int { RGBImage.textSize(text, scale: 2).width }

  /// A title in lines no wider than its column where that is possible, broken after spaces and hyphens.
  private static func lines(_ title: String, width: Int) -> [String] {
    var words: [String] = [""]
    for character in title {
      words[words.count - 1].append(character)
      if character == " " || character == "-" { words.append("") }
    }
    var lines: [String] = []
    for word in words where !word.isEmpty {
      if let last = lines.last, textWidth(last + word) <= width {
        lines[lines.count - 1] += word
      } else {
        lines.append(word)
      }
    }
    return lines.map { $0.last == " " ? String($0.dropLast()) : $0 }
  }

  /// The left edge of a column and its middle.
  func column(_ index: Int) -> (left: Int, middle: Int) {
    let left = FigureStyle.margin + index * (columnWidth + FigureStyle.gap)
    return (left, left + columnWidth / 2)
  }

  /// The slice of a row and a column, centred in its column.
  func frame(of plane: BodyPlane, column index: Int) -> PixelFrame {
    let (width, height) = (rasters[plane]?.width ?? 1, rasters[plane]?.height ?? 1)
    return PixelFrame(
      x: column(index).left + (columnWidth - width) / 2, y: rowTops[plane] ?? 0, width: width,
      height: height)
  }
}
