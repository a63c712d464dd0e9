/// The scalar number types of NIfTI voxels, by their codes in the header.
public enum NIfTIDatatype: Int, Sendable, CaseIterable {
  case uint8 = 2
  case int16 = 4
  case int32 = 8
  case float32 = 16
  case float64 = 64
  case int8 = 256
  case uint16 = 512
  case uint32 = 768
  case int64 = 1024
  case uint64 = 1280

  /// The name by which `info` shows it.
  public var name: String { "\(self)" }

  /// Bytes a voxel.
  public var size: Int {
    switch self {
    case .uint8, .int8: return 1
    case .int16, .uint16: return 2
    case .int32, .uint32, .float32: return 4
    case .float64, .int64, .uint64: return 8
    }
  }

  /// What a code stands for that is no scalar number Spider reads.
  static func name(ofUnsupported code: Int) -> String {
    switch code {
    case 0: return "of unknown type"
    case 1: return "single bits"
    case 32, 1792, 2048: return "complex numbers"
    case 128: return "RGB colours"
    case 2304: return "RGBA colours"
    case 1536: return "128-bit floating point numbers"
    default: return "of the undefined type \(code)"
    }
  }
}
