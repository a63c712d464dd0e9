extension RGBImage {
  /// Draws a straight line between two places, `width` pixels wide; what lies outside is cut off.
  ///
  /// Places are in pixels from the top left corner of the picture, so that pixel (0, 0) has its middle
  /// at (0.5, 0.5).
  mutating func drawLine(
    from a: SIMD2<Double>, to b: SIMD2<Double>, width: Int, color: RGBColor
  ) {
    guard let (start, end) = clipped(a, b) else { return }
    let way = end - start
    let steps = Int(max(abs(way.x), abs(way.y)).rounded(.up))
    for step in 0...steps {
      let place = steps == 0 ? start : start + way * (Double(step) / Double(steps))
      let (x, y) = (Int(place.x.rounded(.down)), Int(place.y.rounded(.down)))
      fill(
        PixelFrame(x: x - width / 2, y: y - width / 2, width: width, height: width), with: color)
    }
  }

  /// The part of a line within the picture and a margin around it: Liang and Barsky's clipping. nil for a
  /// line that misses it, or that has no finite ends.
  private func clipped(
    _ a: SIMD2<Double>, _ b: SIMD2<Double>
  ) -> (SIMD2<Double>, SIMD2<Double>)? {
    guard a.x.isFinite, a.y.isFinite, b.x.isFinite, b.y.isFinite else { return nil }
    let margin = 8.0
    let low = SIMD2(-margin, -margin)
    let high = SIMD2(Double(width) + margin, Double(height) + margin)
    let way = b - a
    var (from, to) = (0.0, 1.0)
    for axis in 0..<2 {
      if way[axis] == 0 {
        if a[axis] < low[axis] || a[axis] > high[axis] { return nil }
        continue
      }
      let first = (low[axis] - a[axis]) / way[axis]
      let second = (high[axis] - a[axis]) / way[axis]
      from = max(from, min(first, second))
      to = min(to, max(first, second))
    }
    return from <= to ? (a + way * from, a + way * to) : nil
  }
}
