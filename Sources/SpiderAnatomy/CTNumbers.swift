import SpiderImaging

/// The findings on the numbers of a CT: whether they can be HU, and what of the file is no scan.
///
/// One look serves whoever takes a CT. A CT of a patient has two peaks, the air around him and his
/// soft tissue; where they lie tells stored values, pictures and windows from HU. Padding is told
/// from scan first, so that a filler is not taken for the air. A box within a patient has no air,
/// and that alone is no fault.
public struct CTNumbers: Sendable {
  /// A value that fills the file where no scan is.
  public struct Padding: Equatable, Sendable {
    /// The value.
    public let value: Float
    /// Its share of the file.
    public let share: Double

    /// Whether whoever takes the value for HU sees air there.
    public var readsAsAir: Bool { value < CTNumbers.highestAir }
  }

  /// Why the numbers cannot be HU; nil when they may be.
  public let fault: CTNumberFault?
  /// The fillers, the largest share first.
  public let padding: [Padding]
  /// The smallest finite value of the scan; infinity when there is none.
  public let lowest: Float
  /// The number of values that are not finite.
  public let notFinite: Int
  /// The share of the scan that no tissue and no air can have, inside it: what has overflowed.
  public let impossible: Double
  /// The CT with -1000 where nothing was measured.
  package let scan: Scan

  /// HU under which a padding counts as air by itself.
  static let highestAir: Float = -900
  /// HU under which a scan has air in it.
  static let anyAir: Float = -500

  /// Looks at the numbers of a CT.
  public init(_ ct: Volume) {
    scan = Scan(ct)
    let total = Double(ct.grid.count)
    padding = scan.padding.map { Padding(value: $0.key, share: Double($0.value) / total) }
      .sorted { ($0.share, $1.value) > ($1.share, $0.value) }
    var (low, finite, overflowed) = (Float.infinity, 0, 0)
    for index in ct.values.indices where ct.values[index].isFinite {
      finite += 1
      if let measured = scan.measured, !measured.values[index] { continue }
      low = min(low, ct.values[index])
      overflowed += ct.values[index] < ScanFinder().impossible ? 1 : 0
    }
    lowest = low
    notFinite = ct.grid.count - finite
    impossible = Double(overflowed) / total
    fault = CTNumberFault(ct, scan.measured)
  }

  /// The CT with air where nothing was measured or nothing is known.
  public var ct: Volume { scan.ct }

  /// The measured voxels that count against another volume: all but padding that reads as matter or
  /// as nothing; nil when that is all.
  package var comparable: Mask? {
    guard padding.contains(where: { !$0.isCustomaryAir }) else { return nil }
    return scan.measured
  }

  /// Whether there is air to check the scale by.
  public var hasAir: Bool { lowest < Self.anyAir || padding.contains(where: \.readsAsAir) }

  /// The share of the file that is padding which would count as matter.
  private var matter: [Padding] { padding.filter { !$0.readsAsAir } }

  /// What a user of the CT should know, one line each: nothing where all is in order.
  public var notes: [String] {
    var notes: [String] = []
    if let fault {
      notes.append("\(fault)")
    } else if lowest.isFinite, !hasAir {
      notes.append(
        "the lowest value is \(lowest): there is no air to check the scale by. If these are not CT "
          + "numbers in HU (air near -1000), the results are wrong; convert them first")
    }
    for filler in matter {
      notes.append(
        "\(Self.percent(filler.share)) of the file is padding of one value (\(Self.text(filler.value)))"
          + ", not scan: it counts as air")
    }
    return notes + (overflowNote.map { [$0] } ?? [])
  }

  /// A word on values that nothing has; nil where there are few.
  var overflowNote: String? {
    guard fault == nil, impossible > 1e-4 else { return nil }
    return
      "\(Self.percent(impossible)) of the file lies under \(Int(ScanFinder().impossible)) HU inside "
      + "the scan: streaks of metal, or bright values that have overflowed"
  }

  static func percent(_ share: Double) -> String {
    share < 0.01 ? "\((1000 * share).rounded() / 10) %" : "\(Int((100 * share).rounded())) %"
  }

  /// A value without digits that say nothing.
  static func text(_ value: Float) -> String {
    guard value.isFinite else { return "\(value)" }
    let rounded = abs(value) >= 10 ? value.rounded() : (value * 100).rounded() / 100
    return rounded == rounded.rounded() && abs(rounded) < 1e7 ? "\(Int(rounded))" : "\(rounded)"
  }
}

extension CTNumbers.Padding {
  /// Whether a scanner writes it for air, clipped or not: -1024 to -900.
  fileprivate var isCustomaryAir: Bool { readsAsAir && value > -1100 }
}

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
