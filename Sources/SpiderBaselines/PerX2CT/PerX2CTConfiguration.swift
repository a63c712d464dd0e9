/// Widths of PerX2CT (Kyung et al., ICASSP 2023).
public struct PerX2CTConfiguration: Codable, Equatable, Sendable {
  /// Channels of the decoder at full resolution; twice and four times as many at the coarser levels. A
  /// multiple of 32.
  public var width = 128
  /// The variant "global", whose encoder goes further and also gives each X-ray's mean features. Not
  /// part of published descriptions: the names of the parameters tell.
  public var isGlobal = false

  enum CodingKeys: String, CodingKey {
    case width = "ch"
  }

  /// The published width.
  public init() {}

  /// Voxels along a side of the volume, and pixels of the X-rays and slices.
  static let size = 128
  /// Points along a side of the map that a slice is decoded from.
  static let mapSize = 32

  /// Why no network has this width, or nil.
  public var fault: String? {
    width > 0 && width % 32 == 0
      ? nil : "the decoder's width must be a multiple of 32 channels, not \(width)"
  }
}
