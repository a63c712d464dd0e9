/// Why a detector's numbers cannot be turned into line integrals.
public enum DetectorImageError: Error, Equatable, CustomStringConvertible {
  /// No pixel is finite and unmasked.
  case nothingCounts
  /// The open field is no brighter than the dark.
  case openFieldNotBright(openField: Float, dark: Float)
  /// The flat field is of another size.
  case flatFieldSize(pixels: Int, expected: Int)
  /// A dark level or a least signal that cannot be.
  case badScale(dark: Float, leastSignal: Float)

  /// What is wrong, and what would be right.
  public var description: String {
    switch self {
    case .nothingCounts:
      return "no pixel of the detector's image is a finite number; check how it was read"
    case .openFieldNotBright(let open, let dark):
      return "the open field (\(open)) is not above the dark level (\(dark)): more radiation must "
        + "give larger numbers; a picture for viewing is read as such instead"
    case .flatFieldSize(let pixels, let expected):
      return
        "the flat field has \(pixels) pixels, the image \(expected); give that of the same panel"
    case .badScale(let dark, let least):
      return "a dark level of \(dark) and a least signal of \(least); the one must be finite, the "
        + "other positive"
    }
  }
}
