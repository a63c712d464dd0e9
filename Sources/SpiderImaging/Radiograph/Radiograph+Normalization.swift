/// The gain and offset that bring grey values to the relative form: `(value - openField) / span`.
package struct RelativeScale: Equatable, Sendable {
  /// The value where nothing but air was in the way.
  package let openField: Float
  /// From the open field to the 99.5th percentile of the head.
  package let span: Float

  /// The share of the head's pixels that lie below relative 1.
  package static let headQuantile = 0.995
  /// Relative values end here: metal and burnt-in marks say no more than "very bright".
  package static let ceiling: Float = 1.5
}

extension Radiograph {
  /// Whether a pixel counts: not masked, and a finite number.
  @inlinable public func counts(_ index: Int) -> Bool {
    values[index].isFinite && (mask.map { $0[index] } ?? true)
  }

  /// The values of the pixels that count.
  package var countingValues: [Float] { values.indices.filter(counts).map { values[$0] } }

  /// Finds the open field and the head of this image; nil when it shows nothing (no pixel counts, or
  /// all are equal).
  ///
  /// Everything is read off the image's own distribution, so that a gain and an offset of the grey
  /// values change nothing in the result, and an absolute radiograph and a picture of it agree.
  ///
  /// - The open field is the median of the darkest band: pixels within 5 % of the range (0.5th to
  ///   99.5th percentile) of its lower end. With noise, a minimum or low percentile would lie below
  ///   the open field's level; the median of the band lies on it. An image without open field takes
  ///   its darkest band for one: grey values alone cannot tell.
  /// - The head is what lies more than 5 % of the range above the open field. At 70 keV a head spans
  ///   about 4 to 5, so this is the path of 1 cm of soft tissue: all of the head but the rim of the
  ///   skin, and well above quantum noise. It only has to keep air out of the percentile, so that how
  ///   much air the picture shows does not matter.
  package var relativeScale: RelativeScale? {
    let sorted = countingValues.sorted()
    guard let low = sorted.quantileOfSorted(0.005), let darkest = sorted.first,
      let brightest = sorted.last, brightest > darkest
    else { return nil }
    let upper = sorted.quantileOfSorted(RelativeScale.headQuantile) ?? brightest
    // A head of fewer than 1 in 200 pixels hides from the percentile; the maximum finds it.
    let top = upper > low ? upper : brightest
    let band = 0.05 * (top - low)
    let dark = sorted[..<(sorted.firstIndex { $0 > low + band } ?? sorted.endIndex)]
    guard let open = Array(dark).quantileOfSorted(0.5) else { return nil }
    let head = Array(sorted[(sorted.firstIndex { $0 > open + band } ?? sorted.endIndex)...])
    guard let bright = head.quantileOfSorted(RelativeScale.headQuantile), bright > open,
      (bright - open).isFinite
    else { return nil }
    return RelativeScale(openField: open, span: bright - open)
  }

  /// The relative form: open field 0, 99.5th percentile of the head 1, cut off at 0 and 1.5.
  ///
  /// The one normaliser: training and use, absolute line integrals and pictures all pass through it. A
  /// relative radiograph is normalised anew, since its gain and offset are unknown; doing so twice
  /// changes nothing but rounding. Pixels that do not count become 0, and so does an image that shows
  /// nothing.
  public func relative() -> Radiograph {
    var result = self
    result.intensity = .relative
    guard let scale = relativeScale else {
      result.values = [Float](repeating: 0, count: values.count)
      return result
    }
    result.values = values.indices.map { index in
      guard counts(index) else { return 0 }
      return min(max((values[index] - scale.openField) / scale.span, 0), RelativeScale.ceiling)
    }
    return result
  }
}

extension Array where Element == Float {
  /// The value below which a share of the numbers lies, interpolating linearly between neighbours as
  /// numpy's `quantile` does; nil for an empty list. The numbers must be finite.
  package func quantile(_ share: Double) -> Float? { sorted().quantileOfSorted(share) }

  /// ``quantile(_:)`` of numbers already in ascending order.
  package func quantileOfSorted(_ share: Double) -> Float? {
    guard let last = indices.last else { return nil }
    let place = Swift.min(Swift.max(share, 0), 1) * Double(last)
    let below = Int(place)
    let above = Swift.min(below + 1, last)
    return self[below] + (self[above] - self[below]) * Float(place - Double(below))
  }
}

/// The part of a radiograph where nothing was in the way, found in its own values; nil where that cannot
/// be told with certainty, so that whoever relies on it does nothing rather than harm.
package struct OpenFieldEstimate {
  /// The value of a ray that met nothing.
  package let level: Float
  /// The standard deviation about it, from the values below: no patient is there.
  package let noise: Float
  /// From the level to the 99.5th percentile of the head.
  package let span: Float
  /// Whether hardly any value lies below the level: noise-free, cut off, or mostly painted black.
  package let isFlat: Bool
  /// Whether some do.
  package let hasLower: Bool

  /// The most an absolute radiograph's open field may be off 0: 5 mm of water.
  static let largestOffset: Float = 0.1
  /// The plausible maxima of an absolute radiograph. Grey values taken for line integrals show
  /// themselves here; a head has 4 to 5, a collimator that stops every photon of a 16-bit detector 11.
  static let spans: ClosedRange<Float> = 1...40
  /// An attenuation that is sought above any noise, as a share of the span: half a millimetre of water.
  package static let leastShare: Float = 0.0025

  /// Looks for the open field among values that count.
  package init?(_ image: Radiograph) {
    guard let scale = image.relativeScale else { return nil }
    let values = image.countingValues
    let level = scale.openField
    let deviations = values.lazy.filter { $0 < level }.map { level - $0 }.sorted()
    let band = values.count { abs($0 - level) <= 0.05 * scale.span }
    hasLower = deviations.count >= 8
    isFlat = deviations.count < band / 20
    // Half of a normal distribution lies within 0.6745 standard deviations.
    noise = isFlat ? 0 : (deviations.quantileOfSorted(0.5) ?? 0) / 0.6745
    self.level = level
    span = scale.span
    switch image.intensity {
    case .absolute:
      guard abs(level) <= Self.largestOffset, Self.spans.contains(span) else { return nil }
    case .relative:
      guard stands(out: values) else { return nil }
    }
  }

  /// Whether the level is a peak of the values: an image that the patient fills has its darkest values
  /// too, but ever more of the brighter ones.
  private func stands(out values: [Float]) -> Bool {
    let width = max(4 * noise, 0.01 * span)
    let peak = values.count { abs($0 - level) <= width }
    let next = values.count { $0 - level > width && $0 - level <= 3 * width }
    return peak >= max(32, values.count / 100) && peak >= 4 * next
  }
}
