import SpiderCore

/// The few colours and distances that all figures share.
enum FigureStyle {
  /// The background, a little off black so that a slice's own black edge can be seen.
  static let paper = RGBColor(24, 26, 31)
  /// Titles.
  static let ink = RGBColor(235, 237, 240)
  /// Captions and places.
  static let note = RGBColor(150, 156, 166)
  /// The letters of direction.
  static let direction = RGBColor(255, 196, 64)
  /// The colour of the unknown: outside a volume, or masked.
  static let nothing = RGBColor(40, 43, 51)
  /// Pixels around the whole.
  static let margin = 14
  /// Pixels between panels.
  static let gap = 8
  /// Pixels of a title line with the space below it.
  static let titleHeight = 26
}

extension RGBImage {
  /// Writes at the four edges of a panel the directions of the patient to which they lie.
  mutating func drawDirections(
    right: AnatomicalAxis, down: AnatomicalAxis, in frame: PixelFrame
  ) {
    let scale = 2
    let (width, height) = Self.textSize("R", scale: scale)
    let (middleX, middleY) = (frame.x + frame.width / 2, frame.y + frame.height / 2)
    let inset = 4
    func letter(_ axis: AnatomicalAxis) -> String { String(axis.rawValue) }
    let places = [
      (right.opposite, frame.x + inset, middleY - height / 2),
      (right, frame.x + frame.width - inset - width, middleY - height / 2),
      (down.opposite, middleX - width / 2, frame.y + inset),
      (down, middleX - width / 2, frame.y + frame.height - inset - height),
    ]
    for (axis, x, y) in places {
      draw(letter(axis), x: x + 1, y: y + 1, scale: scale, color: RGBColor(0, 0, 0))
      draw(letter(axis), x: x, y: y, scale: scale, color: FigureStyle.direction)
    }
  }
}

/// A number as a caption writes it: rounded to a whole one where that is sensible.
func wholeNumber(_ value: Double) -> String {
  abs(value) < 1e9 ? String(Int(value.rounded())) : String(value)
}

/// The footer of a figure: the legend of its colours, then a caption, both broken into lines that
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

extension FigureFooter.Entry {
  /// The legend of label maps: the classes of their scheme, and other values where they occur.
  static func legend(of maps: [LabelVolume], _ scheme: LabelScheme) -> [FigureFooter.Entry] {
    let present = maps.reduce(into: Set<UInt8>()) { $0.formUnion($1.values) }
    let classes = (0..<scheme.count).map { UInt8($0) }
    return (classes + present.subtracting(classes).sorted()).compactMap { value in
      LabelPalette.color(of: value).map {
        FigureFooter.Entry(color: $0, name: LabelPalette.name(of: value, in: scheme))
      }
    }
  }
}
