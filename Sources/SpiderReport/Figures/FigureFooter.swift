import SpiderCore

/// What stands under a figure: the meaning of its colours, then a caption, both broken into lines that
/// fit the figure's width.
struct FigureFooter {
  /// A colour and what it means.
  struct Entry {
    var color: RGBColor
    var name: String
  }

  private struct Placed {
    var entry: Entry
    var x: Int
    var y: Int
  }

  private static let swatch = 9
  private static let lineHeight = 14

  private var placed: [Placed] = []
  private var lines: [String] = []
  private var linesTop = 0

  /// Pixels from the top of the footer to its end.
  var height: Int { linesTop + lines.count * Self.lineHeight }

  /// Lays out a footer of at most `width` pixels. A word wider than that is cut off.
  init(entries: [Entry] = [], caption: String, width: Int) {
    var (x, y) = (0, 0)
    for entry in entries {
      let extent = Self.swatch + 4 + RGBImage.textSize(entry.name, scale: 1).width
      if x > 0, x + extent > width { (x, y) = (0, y + Self.lineHeight) }
      placed.append(Placed(entry: entry, x: x, y: y))
      x += extent + 14
    }
    linesTop = entries.isEmpty ? 0 : y + Self.lineHeight + 6

    var line = ""
    for word in caption.split(separator: " ") {
      let longer = line.isEmpty ? String(word) : line + " " + word
      if !line.isEmpty, RGBImage.textSize(longer, scale: 1).width > width {
        lines.append(line)
        line = String(word)
      } else {
        line = longer
      }
    }
    if !line.isEmpty { lines.append(line) }
  }

  /// Draws the footer with its top left corner at (x, y).
  func draw(x: Int, y: Int, in picture: inout RGBImage) {
    for item in placed {
      let frame = PixelFrame(
        x: x + item.x, y: y + item.y, width: Self.swatch, height: Self.swatch)
      picture.fill(frame, with: item.entry.color)
      picture.draw(
        item.entry.name, x: frame.x + Self.swatch + 4, y: frame.y + 1, scale: 1,
        color: FigureStyle.ink)
    }
    for (index, line) in lines.enumerated() {
      picture.draw(
        line, x: x, y: y + linesTop + index * Self.lineHeight, scale: 1, color: FigureStyle.note)
    }
  }
}
