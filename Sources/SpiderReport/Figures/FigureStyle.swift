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
  /// What is shown but not known: outside a volume, or masked.
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
