import Foundation
import SpiderCore

/// A radiograph as it came from files, with what its reader should know.
public struct LoadedRadiograph: Sendable {
  /// Pixels and geometry. Pixels that were NaN or infinite are 0 and masked.
  public let radiograph: Radiograph
  /// The file that gave the geometry; nil when the caller did.
  public let sidecar: URL?
  /// How the files were understood where they left room.
  public let notes: [String]
}
