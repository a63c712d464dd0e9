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
