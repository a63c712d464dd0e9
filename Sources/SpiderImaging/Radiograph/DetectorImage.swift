import Foundation

/// A detector's raw image: numbers proportional to the radiation, before any logarithm.
///
/// The first half of the normaliser (the other is ``Radiograph/relative()``): counts to line integrals.
public struct DetectorImage: Equatable, Sendable {
  /// The unattenuated intensity I0 that counts are compared with.
  public enum Reference: Equatable, Sendable {
    /// The same everywhere, stated.
    case known(Float)
    /// Pixel by pixel: a flat-field image.
    case flat([Float])
    /// To be read off the image: the median of its brightest band. Right only where some of the image
    /// saw nothing but air.
    case measured
  }

  /// The projection geometry.
  public let geometry: ProjectionGeometry
  /// The numbers, `rows` x `columns`; more radiation, larger number.
  public var counts: [Float]
  /// The number without radiation.
  public var dark: Float
  /// The number with nothing in the way.
  public var openField: Reference
  /// The least signal above ``dark`` that means something: less than that, none included, is taken
  /// for it, since no detector can tell an infinite line integral. Half a count by default, which puts
  /// line integrals of at most ln(2 I0) where nothing was counted.
  public var leastSignal: Float
  /// `false` where a pixel says nothing; nil: all count.
  public var mask: [Bool]?

  /// Puts numbers on a detector; their count must be the geometry's.
  public init(
    geometry: ProjectionGeometry, counts: [Float], dark: Float = 0, openField: Reference,
    leastSignal: Float = 0.5, mask: [Bool]? = nil
  ) {
    precondition(
      counts.count == geometry.count, "\(counts.count) counts for \(geometry.count) pixels")
    precondition(mask.map { $0.count == counts.count } ?? true, "the mask must cover the image")
    self.geometry = geometry
    self.counts = counts
    self.dark = dark
    self.openField = openField
    self.leastSignal = leastSignal
    self.mask = mask
  }

  /// The absolute radiograph, -ln((count - dark) / (open - dark)). Pixels that are not finite, or whose
  /// flat field shows no signal, are masked.
  ///
  /// - Throws: ``DetectorImageError`` when there is no open field to compare with.
  public func radiograph() throws(DetectorImageError) -> Radiograph {
    let open = try openCounts()
    guard dark.isFinite, leastSignal > 0 else {
      throw .badScale(dark: dark, leastSignal: leastSignal)
    }
    var valid = [Bool](repeating: true, count: counts.count)
    let values = counts.indices.map { index -> Float in
      let whole = open[index] - dark
      let signal = counts[index] - dark
      guard signal.isFinite, whole.isFinite, whole > 0 else {
        valid[index] = false
        return 0
      }
      return -log(max(signal, leastSignal) / whole)
    }
    if let mask { valid = zip(valid, mask).map { $0 && $1 } }
    return Radiograph(
      geometry: geometry, values: values, intensity: .absolute,
      mask: mask == nil && valid.allSatisfy { $0 } ? nil : valid)
  }

  private func openCounts() throws(DetectorImageError) -> [Float] {
    let level: Float
    switch openField {
    case .flat(let flat):
      guard flat.count == counts.count else {
        throw .flatFieldSize(pixels: flat.count, expected: counts.count)
      }
      guard flat.contains(where: { $0.isFinite && $0 > dark }) else {
        throw .openFieldNotBright(openField: flat.max() ?? dark, dark: dark)
      }
      return flat
    case .known(let value): level = value
    case .measured: level = try brightestBand()
    }
    guard level.isFinite, level > dark else {
      throw .openFieldNotBright(openField: level, dark: dark)
    }
    return [Float](repeating: level, count: counts.count)
  }

  /// The median of the brightest band: pixels whose line integrals, reckoned from the 99.5th percentile
  /// of the counts, lie within 5 % of those at the 0.5th, or within 0.25 if that is less (a head spans
  /// 4 to 5): the mirror image of how ``Radiograph/relativeScale`` finds the open field. Quantum noise of
  /// up to 8 % stays within the band, on both sides of the open field; a band as narrow in counts would
  /// hold its upper half alone.
  private func brightestBand() throws(DetectorImageError) -> Float {
    let sorted = counts.indices.filter { counts[$0].isFinite && mask?[$0] ?? true }
      .map { counts[$0] }.sorted()
    guard let low = sorted.quantileOfSorted(0.005), let high = sorted.quantileOfSorted(0.995)
    else { throw .nothingCounts }
    guard high > dark else { throw .openFieldNotBright(openField: high, dark: dark) }
    let range = log((high - dark) / max(low - dark, leastSignal))
    let limit = dark + (high - dark) * exp(-0.05 * min(max(range, 0), 5))
    let bright = sorted[(sorted.firstIndex { $0 >= limit } ?? 0)...]
    return Array(bright).quantileOfSorted(0.5) ?? high
  }
}

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

  /// The fault and its remedy.
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
