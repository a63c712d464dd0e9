import Foundation

/// How a digital radiography system makes a film of a radiograph: how much detail it adds, and its gradation curve.
///
/// Makers keep theirs to themselves, and each hospital sets its own; the defaults are what looks right to the eye.
public struct FilmProcessing: Codable, Equatable, Sendable {
  /// How much of the difference from the widely blurred image is added: bony contours.
  public var contour = 0.8
  /// The width of that blur, a share of the picture's longer side.
  public var contourWidth = 0.025
  /// How much of the difference from the narrowly blurred image is added: trabeculae and sutures.
  public var texture = 0.6
  /// The grey to which the curve's toe lifts skin and lips, 0 to 1.
  public var toe = 0.1
  /// The exponent of the curve's middle; nil: by the picture, 1.8 to 3.2.
  public var exponent: Double?

  /// The defaults.
  public init() {}
}

/// A radiograph as a film reader expects it: bone bright, bone detail crisp, the outline of the soft tissue
/// still to be seen, air black.
///
/// The numbers of a picture to measure in are those of ``RadiographPicture``; this one is for the eye, and for networks
/// that are to know what is made for it: its detail enhancement makes a pixel's grey depend on its neighbours. Grey is made
/// as digital radiography systems do, in three steps, in the measure that ``FilmProcessing`` states:
///
/// 1. x, the relative form: open field 0, 99.5th percentile of the head 1.
/// 2. Detail: what x has over its blurred self is added again, at two widths (bony contours; trabeculae and sutures, 1/300
///    of the picture and at least a pixel), less where there is hardly anything in the beam, so that no dark halo eats the
///    skin.
/// 3. The gradation curve. Its toe lifts the first 8 % of x, skin and lips, out of the black; its
///    middle gives bone two thirds of the greys, and is by default the steeper the brighter half of the head is
///    (behind soft beams and scatter all of it is bright, and would be white); its shoulder keeps metal
///    from cutting off.
package struct FilmPicture: Sendable {
  /// The grey values, row by row, 0 black to 255 white; pixels that do not count are black.
  package let pixels: [UInt8]

  /// Develops a radiograph.
  package init(_ radiograph: Radiograph, _ processing: FilmProcessing = FilmProcessing()) {
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
    let exponent = processing.exponent ?? Self.exponent(x)
    let side = max(columns, rows)
    // Of the pixels that count alone: a shutter's edge is no detail.
    let isWhole = radiograph.values.indices.allSatisfy(radiograph.counts)
    let weights =
      isWhole ? nil : radiograph.values.indices.map { radiograph.counts($0) ? Float(1) : 0 }
    func blurred(_ radius: Int) -> [Float] {
      let blur = ImageBlur(radius: radius)
      let sums = blur(x, columns: columns, rows: rows)
      guard let weights else { return sums }
      return zip(sums, blur(weights, columns: columns, rows: rows)).map { $1 > 0 ? $0 / $1 : 0 }
    }
    let wide = blurred(Int((Double(side) * processing.contourWidth).rounded()))
    let narrow = blurred(max(1, side / 300))
    let (contour, texture) = (Float(processing.contour), Float(processing.texture))
    pixels = x.indices.map { index in
      guard radiograph.counts(index) else { return 0 }
      let detail = contour * (x[index] - wide[index]) + texture * (x[index] - narrow[index])
      let share = min(x[index] / 0.25, 1)
      let grey = Self.gradation(
        Double(max(x[index] + share * detail, 0)), exponent, toe: processing.toe)
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
  private static func gradation(_ x: Double, _ exponent: Double, toe: Double) -> Double {
    let t = min(max((x - 0.01) / 0.07, 0), 1)
    let straight = toe * t * t * (3 - 2 * t) + (1 - toe) * pow(x, exponent)
    let bend = 0.8
    return straight < bend
      ? straight : bend + (1 - bend) * (1 - exp(-(straight - bend) / (1 - bend)))
  }
}

extension Radiograph {
  /// The film of this radiograph as a picture in its place: greys from 0 to 1, relative from then on.
  package func film(_ processing: FilmProcessing) -> Radiograph {
    var result = self
    result.intensity = .relative
    result.photonEnergy = nil
    result.values = FilmPicture(self, processing).pixels.map { Float($0) / 255 }
    return result
  }
}
