import SpiderCore

/// Where the slices of a ``SliceFigure`` lie in its picture.
struct SliceFigureLayout {
  private let placements: [SlicePlane: SlicePlacement]
  private let rowTops: [SlicePlane: Int]
  private let columnWidth: Int
  /// Pixels in a row of the picture.
  let width: Int
  /// The row at which the slices end.
  let bottom: Int

  init(_ figure: SliceFigure) {
    var placements: [SlicePlane: SlicePlacement] = [:]
    var tops: [SlicePlane: Int] = [:]
    var y = FigureStyle.margin + FigureStyle.titleHeight
    for plane in SlicePlane.allCases {
      let placement = figure.placement(of: plane)
      placements[plane] = placement
      tops[plane] = y
      y += placement.height + FigureStyle.gap
    }
    self.placements = placements
    rowTops = tops
    bottom = y
    // A column is at least as wide as its title.
    let titles = figure.columns.map { RGBImage.textSize($0.title, scale: 2).width }
    columnWidth = max(placements.values.map(\.width).max() ?? 1, titles.max() ?? 1)
    let count = figure.columns.count
    width = 2 * FigureStyle.margin + count * columnWidth + (count - 1) * FigureStyle.gap
  }

  /// The left edge of a column and its middle.
  func column(_ index: Int) -> (left: Int, middle: Int) {
    let left = FigureStyle.margin + index * (columnWidth + FigureStyle.gap)
    return (left, left + columnWidth / 2)
  }

  /// The slice of a row and a column, centred in its column.
  func frame(of plane: SlicePlane, column index: Int) -> PixelFrame {
    let (width, height) = (placements[plane]?.width ?? 1, placements[plane]?.height ?? 1)
    return PixelFrame(
      x: column(index).left + (columnWidth - width) / 2, y: rowTops[plane] ?? 0, width: width,
      height: height)
  }
}
