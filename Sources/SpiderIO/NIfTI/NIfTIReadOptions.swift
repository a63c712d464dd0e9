import SpiderCore

/// How a NIfTI file is to be read.
public struct NIfTIReadOptions: Sendable, Equatable {
  /// How the voxels lie in the patient when the file does not say; nil refuses such files. A file
  /// that says is believed, whatever stands here.
  public var assumeOrientation: Orientation?
  /// The most voxels that are read; larger files are refused before memory is taken.
  public var maxVoxels: Int

  /// By default no orientation is assumed and 1024^3 voxels are the limit.
  public init(assumeOrientation: Orientation? = nil, maxVoxels: Int = 1 << 30) {
    self.assumeOrientation = assumeOrientation
    self.maxVoxels = maxVoxels
  }
}
