/// A PNG picture read as grey.
public struct GreyPicture: Sendable, Equatable {
  /// Pixels in a row.
  public let width: Int
  /// Pixels in a column.
  public let height: Int
  /// Bits of a stored sample, 8 or 16; pictures of fewer bits are spread to 8.
  public let bitDepth: Int
  /// The pixels row by row from the top left, as stored: 0...255 or 0...65535.
  public let values: [Float]

  /// The value of full white.
  public var fullScale: Float { bitDepth == 16 ? 65535 : 255 }
}
