import SpiderCore

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
