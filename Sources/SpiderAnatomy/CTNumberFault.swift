import SpiderImaging

/// Why the numbers of a volume cannot be CT numbers in HU.
public enum CTNumberFault: Equatable, Sendable, CustomStringConvertible {
  /// No value is a number.
  case notFinite
  /// All values are one.
  case constant(Float)
  /// A range that a network or a picture has: 0 to 1, -1 to 1, or attenuations per mm.
  case normalized(low: Float, high: Float)
  /// Grey values of a picture of 8 bits.
  case eightBit(low: Float, high: Float)
  /// All below a value is cut off at it.
  case clipped(at: Float, share: Double)
  /// Right in scale, but air is not at -1000: stored values to which no intercept was added.
  case shifted(air: Float, tissue: Float)
  /// Wrong in scale as well.
  case scaled(air: Float, tissue: Float)
  /// Air is bright and bone dark.
  case inverted(air: Float)
  /// Negative numbers that were read as unsigned.
  case wrapped(air: Float)

  /// The fault and its remedy.
  public var description: String {
    func number(_ value: Float) -> String { CTNumbers.text(value) }
    let reason: String
    switch self {
    case .notFinite: reason = "none is finite"
    case .constant(let value): reason = "all are \(number(value))"
    case .normalized(let low, let high):
      reason = "they go from \(number(low)) to \(number(high)), as the input of a network does"
    case .eightBit(let low, let high):
      reason = "they go from \(number(low)) to \(number(high)), as grey values of a picture do"
    case .clipped(let value, let share):
      reason =
        "\(CTNumbers.percent(share)) of them are \(number(value)), the lowest: a window that has cut "
        + "off the air"
    case .shifted(let air, let tissue):
      reason =
        "air is near \(number(air)) and soft tissue near \(number(tissue)), as in stored values "
        + "without their intercept; add \(number(-1000 - air))"
    case .scaled(let air, let tissue):
      reason =
        "there is no air near -1000: the lower peak is near \(number(air)) and the upper near "
        + "\(number(tissue))"
    case .inverted(let air): reason = "air is near \(number(air)) and bone below it"
    case .wrapped(let air):
      reason =
        "air is near \(number(air)): negative numbers read as unsigned (65536 too large)"
    }
    return "these are not CT numbers in HU: \(reason); convert them (air must be near -1000, water "
      + "near 0)"
  }
}

extension CTNumberFault {
  /// HU at which the air of scans has been seen, its noise and coarse voxels allowed for.
  private static let airPeaks: ClosedRange<Float> = -1200 ... -850
  /// HU of lung: the lower peak of a box in a chest.
  private static let lungPeaks: ClosedRange<Float> = -850 ... -650
  /// HU of fat, brain and muscle: the lower peak of a box in a patient.
  private static let tissuePeaks: ClosedRange<Float> = -150...200
  /// The share at the lowest value from which on something was cut off there.
  private static let cutShare = 0.2

  /// Looks for the fault of a volume; nil when its numbers may be HU.
  ///
  /// - Parameter measured: the scan, without padding; nil when all of it is.
  init?(_ ct: Volume, _ measured: Mask?) {
    let all = Intensities(ct, nil)
    guard all.low <= all.high else {
      self = .notFinite
      return
    }
    guard all.low < all.high else {
      // An empty scan is no patient, but air all the same.
      if Self.airPeaks.contains(all.low) { return nil }
      self = .constant(all.low)
      return
    }
    if all.low >= -1.5, all.high - all.low <= 2.5 {
      self = .normalized(low: all.low, high: all.high)
      return
    }
    let scan = measured.map { Intensities(ct, $0) } ?? all
    guard scan.low < scan.high, !Self.isPlausible(scan) else { return nil }
    self = Self.name(all)
  }

  private static func isPlausible(_ scan: Intensities) -> Bool {
    let (lower, upper) = (scan.lower, scan.upper)
    if airPeaks.contains(lower.value) { return true }
    let isCut = scan.low > -850 && scan.shareOfLow >= cutShare
    guard !isCut else { return false }
    if lungPeaks.contains(lower.value) { return true }
    // The numbers of a picture, however little of it is black.
    if scan.low >= 0, scan.high <= 255, scan.isWhole { return false }
    // Tissue below, bone above: bone is broad, a narrow peak up there is tissue off its place.
    return tissuePeaks.contains(lower.value) && !(upper.value > 250 && upper.isNarrow)
      && !(scan.low < -500 && scan.rim > 800 && scan.rimShare > 0.3)
  }

  private static func name(_ all: Intensities) -> CTNumberFault {
    let (air, tissue) = (all.lower.value, all.upper.value)
    if all.rim > 60_000, all.high <= 65_536 { return .wrapped(air: all.rim) }
    if all.low < -500, (850...1150).contains(all.rim), all.rimShare > 0.3 {
      return .inverted(air: all.rim)
    }
    if all.low >= 0, all.high <= 255 { return .eightBit(low: all.low, high: all.high) }
    if (800...1300).contains(tissue - air) { return .shifted(air: air, tissue: tissue) }
    if all.shareOfLow >= cutShare, all.low > -850, (-150...250).contains(tissue) {
      return .clipped(at: all.low, share: all.shareOfLow)
    }
    return .scaled(air: air, tissue: tissue)
  }
}
