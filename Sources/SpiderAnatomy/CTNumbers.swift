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
