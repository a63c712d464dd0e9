import SpiderImaging

/// A CT on the canonical grid, ready for training or evaluation.
public struct PreparedHead: Sendable {
  /// HU on the canonical RAS+ grid; -1000 outside the body (table and head-holder are gone) and
  /// outside the scan.
  public let ct: Volume
  /// Labels on the same grid; 254 outside the scan, 255 where the structure is unknown.
  public let labels: LabelVolume
  /// The centre of the grid, world mm of the original scan.
  public let isocenter: Vector3
  /// What was decided on the way, in words.
  public let notes: [String]
  /// "labeller" with its version, or "given".
  public let labelSource: String
  /// The same decisions as data.
  public let report: PreparationReport

  /// The voxels that lie within the scan.
  public var scanMask: Mask { labels.mask { $0 != LabelScheme.outsideScan } }
}

/// How the isocentre of a CT is chosen.
public enum IsocenterChoice: Equatable, Sendable {
  /// Find the head; refuse what is not one.
  case auto
  /// The middle of the volume.
  case volume
  /// A world point, mm.
  case point(Vector3)
}
