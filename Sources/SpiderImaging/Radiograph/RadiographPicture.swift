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

/// A radiograph as a film reader expects it: bone bright, bone detail crisp, the outline of the soft tissue
/// still to be seen, air black.
///
/// The numbers of a picture to measure in are those of ``RadiographPicture``; this one is for the eye
/// only, since its detail enhancement makes a pixel's grey depend on its neighbours. Grey is made as
/// digital radiography systems do, in three steps:
///
/// 1. x, the relative form: open field 0, 99.5th percentile of the head 1.
/// 2. Detail: what x has over its blurred self is added again, at two widths (1/40 and 1/300 of the
///    picture: bony contours, trabeculae and sutures), less where there is hardly anything in the beam, so
///    that no dark halo eats the skin.
/// 3. The gradation curve. Its toe lifts the first 8 % of x, skin and lips, out of the black; its
///    middle gives bone two thirds of the greys, and is the steeper the brighter half of the head is
///    (behind soft beams and scatter all of it is bright, and would be white); its shoulder keeps metal
///    from cutting off.
package struct FilmPicture: Sendable {
  /// The grey values, row by row, 0 black to 255 white; pixels that do not count are black.
  package let pixels: [UInt8]

  private static let contour: Float = 0.8
  private static let texture: Float = 0.6

  /// Develops a radiograph.
  package init(_ radiograph: Radiograph) {
    let (columns, rows) = (radiograph.geometry.columns, radiograph.geometry.rows)
    guard let scale = radiograph.relativeScale else {
      pixels = [UInt8](repeating: 0, count: radiograph.values.count)
      return
    }
    let x = radiograph.values.indices.map { index in
      // Metal beyond three times the head's brightest bone would only widen halos.
      radiograph.counts(index)
        ? min(max((radiograph.values[index] - scale.openField) / scale.span, 0), 3) : 0
    }
    let exponent = Self.exponent(x)
    let side = max(columns, rows)
    let wide = ImageBlur(radius: side / 40)(x, columns: columns, rows: rows)
    let narrow = ImageBlur(radius: max(1, side / 300))(x, columns: columns, rows: rows)
    pixels = x.indices.map { index in
      guard radiograph.counts(index) else { return 0 }
      let detail =
        Self.contour * (x[index] - wide[index]) + Self.texture * (x[index] - narrow[index])
      let share = min(x[index] / 0.25, 1)
      let grey = Self.gradation(Double(max(x[index] + share * detail, 0)), exponent)
      return UInt8((255 * grey).rounded())
    }
  }

  /// The exponent that puts the median of what is more than skin and neck at a grey of 0.45, but never
  /// a flatter curve than 1.8, nor a steeper one than 3.2.
  private static func exponent(_ x: [Float]) -> Double {
    let head = x.filter { $0 > 0.25 }.sorted()
    guard let median = head.quantileOfSorted(0.5), median < 1 else { return 1.8 }
    return min(max(log(0.35 / 0.9) / log(Double(median)), 1.8), 3.2)
  }

  /// The grey, 0 to 1, of a relative value; rises from 0 at 0 to 0.93 at 1.
  private static func gradation(_ x: Double, _ exponent: Double) -> Double {
    let t = min(max((x - 0.01) / 0.07, 0), 1)
    let toe = 0.1 * t * t * (3 - 2 * t)
    let straight = toe + 0.9 * pow(x, exponent)
    let bend = 0.8
    return straight < bend
      ? straight : bend + (1 - bend) * (1 - exp(-(straight - bend) / (1 - bend)))
  }
}

/// A nearly Gaussian blur of an image whose cost does not depend on its width: three running means.
struct ImageBlur {
  /// Pixels to each side of the middle one in every mean; the three together have a standard deviation
  /// of about this many pixels.
  let radius: Int

  /// Blurs an image of `columns` x `rows` values, row by row; beyond its edges, the edge goes on.
  func callAsFunction(_ image: [Float], columns: Int, rows: Int) -> [Float] {
    precondition(image.count == columns * rows, "\(image.count) of \(columns) x \(rows) pixels")
    guard radius > 0 else { return image }
    var image = image
    for _ in 0..<3 {
      for row in 0..<rows { mean(&image, start: row * columns, step: 1, count: columns) }
      for column in 0..<columns { mean(&image, start: column, step: columns, count: rows) }
    }
    return image
  }

  /// Replaces the numbers of a line by means over 2 `radius` + 1 of them.
  private func mean(_ image: inout [Float], start: Int, step: Int, count: Int) {
    let line = (0..<count).map { Double(image[start + $0 * step]) }
    func value(_ index: Int) -> Double { line[min(max(index, 0), count - 1)] }
    var sum = (-radius...radius).reduce(0) { $0 + value($1) }
    let width = Double(2 * radius + 1)
    for index in 0..<count {
      image[start + index * step] = Float(sum / width)
      sum += value(index + radius + 1) - value(index - radius)
    }
  }
}
