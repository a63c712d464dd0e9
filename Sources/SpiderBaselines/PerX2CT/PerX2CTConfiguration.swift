import SpiderTensor

/// Widths of PerX2CT (Kyung et al., ICASSP 2023).
public struct PerX2CTConfiguration: Codable, Equatable, Sendable {
  /// The camera by which points of a slice find their place in the X-rays.
  public enum Camera: String, Codable, Sendable {
    /// As published, whatever the X-rays' geometry: 60 degrees from one side's length away.
    case published
    /// By each X-ray's own geometry.
    case trueGeometry = "true-geometry"
  }

  /// Channels of the decoder at full resolution; twice and four times as many at the coarser levels. A
  /// multiple of 32.
  public var width = 128
  /// The variant "global", whose encoder goes further and also gives each X-ray's mean features. Not
  /// part of published descriptions: the names of the parameters tell.
  public var isGlobal = false
  /// Channels of the encoder's first convolution; its features of a view are eight times as many.
  public var encoderWidth = 64
  /// Voxels along a side of the volume, and pixels of the X-rays and slices: a multiple of 16, at
  /// least 32.
  public var size = 128
  /// The camera by which points find their place in the X-rays.
  public var camera = Camera.published

  enum CodingKeys: String, CodingKey {
    case width = "ch"
    case isGlobal = "global"
    case encoderWidth = "encoder_ch"
    case size = "input_size"
    case camera
  }

  /// The published widths.
  public init() {}

  /// Reads a description; published ones state the decoder's width only.
  public init(from decoder: any Decoder) throws {
    let container = try decoder.container(keyedBy: CodingKeys.self)
    self.init()
    width = try container.decode(Int.self, forKey: .width)
    isGlobal = try container.decodeIfPresent(Bool.self, forKey: .isGlobal) ?? isGlobal
    encoderWidth = try container.decodeIfPresent(Int.self, forKey: .encoderWidth) ?? encoderWidth
    size = try container.decodeIfPresent(Int.self, forKey: .size) ?? size
    camera = try container.decodeIfPresent(Camera.self, forKey: .camera) ?? camera
  }

  /// Points along a side of the map that a slice is decoded from.
  var mapSize: Int { size / 4 }

  /// The reason why no network has these widths, or nil.
  public var fault: String? {
    guard (1...4096).contains(width), width % 32 == 0 else {
      return "the decoder's width must be a multiple of 32 channels, not \(width)"
    }
    guard (1...4096).contains(encoderWidth) else {
      return "the encoder's width must be 1 to 4096 channels, not \(encoderWidth)"
    }
    guard (32...1024).contains(size), size % 16 == 0 else {
      return "the X-rays must be a multiple of 16 pixels a side, 32 to 1024, not \(size)"
    }
    return nil
  }
}
