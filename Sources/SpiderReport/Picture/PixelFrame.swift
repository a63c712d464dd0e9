/// A rectangle of a picture: its top left pixel and its size.
public struct PixelFrame: Hashable, Sendable {
  /// The leftmost column.
  public var x: Int
  /// The topmost row.
  public var y: Int
  /// Pixels in a row.
  public var width: Int
  /// Pixels in a column.
  public var height: Int

  /// Builds a rectangle.
  public init(x: Int, y: Int, width: Int, height: Int) {
    self.x = x
    self.y = y
    self.width = width
    self.height = height
  }
}
