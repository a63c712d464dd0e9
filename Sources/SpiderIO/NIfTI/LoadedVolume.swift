import SpiderCore

/// A CT volume as it came from a file, with what its reader should know.
public struct LoadedVolume: Sendable {
  /// The volume, scaled, every value finite.
  public let volume: Volume
  /// How many voxels were NaN or infinite in the file; they are air (-1000 HU) in the volume.
  public let nonFiniteCount: Int
  /// How the file was understood where it left room: units, precedence, scaling...
  public let notes: [String]
}
