import SpiderCore

/// Radiographs as grey values to look at.
public enum RadiographPicture {
  /// The share of pixels that are not brighter than white: a few metal pixels must not darken the rest.
  static let whiteQuantile = 0.999

  /// A film-like 16-bit picture, row by row, bone bright: black is the open field (0), white the
  /// 99.9th percentile of the pixels that count. For the eye only; masked pixels are black.
  public static func gray16(_ radiograph: Radiograph) -> [UInt16] {
    let shown = radiograph.countingValues
    guard let white = shown.quantile(whiteQuantile).map({ $0 > 0 ? $0 : shown.max() ?? 0 }),
      white > 0
    else { return [UInt16](repeating: 0, count: radiograph.values.count) }
    return radiograph.values.indices.map { index in
      guard radiograph.counts(index) else { return 0 }
      let level = radiograph.values[index] / white
      return UInt16((min(max(level, 0), 1) * 65535).rounded())
    }
  }
}
