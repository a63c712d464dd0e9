import Foundation

/// A radiograph as grey values to look at, film-like: bone is bright.
///
/// Black is the open field, 0 (or the 1st percentile where noise or an offset lies below it); white is
/// the 99.9th percentile, so that a few pixels of metal do not darken the rest. For the eye only: what
/// networks read goes through ``Radiograph/relative()``.
package struct RadiographPicture: Sendable {
  private static let blackQuantile = 0.01
  private static let whiteQuantile = 0.999

  private let black: Float
  private let white: Float

  /// Takes the grey scale from the pixels of a radiograph that count.
  package init(_ radiograph: Radiograph) {
    let shown = radiograph.countingValues.sorted()
    let black = min(0, shown.quantileOfSorted(Self.blackQuantile) ?? 0)
    let white = shown.quantileOfSorted(Self.whiteQuantile) ?? black
    self.black = black
    // A handful of lit pixels hides from every percentile.
    self.white = white > black ? white : shown.last ?? black
  }

  /// The brightness of a value: 0 is black, 1 white. All is black where no two values differ.
  package func brightness(_ value: Float) -> Double {
    guard white > black else { return 0 }
    // In double, where no difference of two numbers of an image is too large.
    return min(max((Double(value) - Double(black)) / (Double(white) - Double(black)), 0), 1)
  }

  /// A 16-bit picture, row by row; pixels that do not count are black.
  package static func gray16(_ radiograph: Radiograph) -> [UInt16] {
    let picture = RadiographPicture(radiograph)
    return radiograph.values.indices.map { index in
      guard radiograph.counts(index) else { return 0 }
      return UInt16((picture.brightness(radiograph.values[index]) * 65535).rounded())
    }
  }
}
