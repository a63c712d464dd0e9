import SpiderImaging

/// Where the canonical field of view of a head is, and how that was found out.
public struct HeadLocation: Equatable, Sendable {
  /// What the isocentre was derived from.
  public enum Basis: Equatable, Sendable, CustomStringConvertible {
    /// The crown is in the scan: it lies 12 mm under the top of the cube.
    case crown
    /// The top of the head is cut off; the crown's height was estimated from the shape of the head,
    /// this many mm above the scan.
    case estimatedCrown(aboveScan: Double)
    /// No head was found: the middle of the volume.
    case volumeCenter(because: String)

    /// The basis in words, for logs.
    public var description: String {
      switch self {
      case .crown:
        return "isocentre from the crown of the head"
      case .estimatedCrown(let mm):
        return "the top of the head is cut off: isocentre from a crown estimated "
          + "\(Int(mm.rounded())) mm above the scan"
      case .volumeCenter(let reason):
        return "isocentre at the centre of the volume: \(reason)"
      }
    }
  }

  /// The centre of the canonical field of view, world mm.
  public let isocenter: Vector3
  /// How it was found.
  public let basis: Basis

  /// Whether a head was found.
  public var foundHead: Bool {
    if case .volumeCenter = basis { return false }
    return true
  }

  /// The height of the crown (world z, mm) when the field of view has this side; nil without a
  /// head.
  func crown(side: Double) -> Double? {
    foundHead ? isocenter.z + side / 2 - HeadFinder.crownMargin : nil
  }
}
