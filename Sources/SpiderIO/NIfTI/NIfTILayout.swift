/// The byte offsets of a NIfTI header's fields, for both versions of the format (nifti1.h, nifti2.h).
///
/// Only what must be checked before the header goes to libnifti2 is listed: that library repairs some
/// faults in silence (a pixdim of 0 or NaN becomes 1) and trusts others.
struct NIfTILayout {
  /// The version: 1 or 2.
  let version: Int
  /// Bytes of the header, without the four that announce extensions.
  let headerSize: Int
  /// Bytes of a dimension.
  let dimSize: Int
  /// Bytes of a floating point number.
  let realSize: Int
  /// Bytes of a qform or sform code.
  let codeSize: Int
  let magic: Int
  let dim: Int
  let datatype: Int
  let pixdim: Int
  let voxOffset: Int
  let slope: Int
  let units: Int
  let description: Int
  let qformCode: Int
  let quaternion: Int
  let sform: Int
  let intentCode: Int
  let intentName: Int

  /// NIfTI-1, 348 bytes.
  static let one = NIfTILayout(
    version: 1, headerSize: 348, dimSize: 2, realSize: 4, codeSize: 2, magic: 344, dim: 40,
    datatype: 70, pixdim: 76, voxOffset: 108, slope: 112, units: 123, description: 148,
    qformCode: 252, quaternion: 256, sform: 280, intentCode: 68, intentName: 328)

  /// NIfTI-2, 540 bytes.
  static let two = NIfTILayout(
    version: 2, headerSize: 540, dimSize: 8, realSize: 8, codeSize: 4, magic: 4, dim: 16,
    datatype: 12, pixdim: 104, voxOffset: 168, slope: 176, units: 500, description: 240,
    qformCode: 344, quaternion: 352, sform: 400, intentCode: 504, intentName: 508)
}

/// The numbers of a binary header, read at their offsets in the header's own byte order.
struct HeaderFields {
  let bytes: [UInt8]
  /// Whether the byte order is the opposite of this machine's.
  let isSwapped: Bool

  /// An integer at an offset, which must lie inside the header.
  func integer<Number: FixedWidthInteger>(_ type: Number.Type, at offset: Int) -> Number {
    var value: Number = 0
    for byte in 0..<(Number.bitWidth / 8) {
      value |= Number(truncatingIfNeeded: bytes[offset + byte]) << Number(8 * byte)
    }
    let little = Number(littleEndian: 1) == 1
    return isSwapped == little ? value.byteSwapped : value
  }

  /// A whole number of 2, 4 or 8 bytes.
  func int(_ size: Int, at offset: Int) -> Int {
    switch size {
    case 2: return Int(integer(Int16.self, at: offset))
    case 4: return Int(integer(Int32.self, at: offset))
    default: return Int(integer(Int64.self, at: offset))
    }
  }

  /// A floating point number of 4 or 8 bytes.
  func real(_ size: Int, at offset: Int) -> Double {
    size == 4
      ? Double(Float(bitPattern: integer(UInt32.self, at: offset)))
      : Double(bitPattern: integer(UInt64.self, at: offset))
  }

  /// Several floating point numbers, one behind the other.
  func reals(_ count: Int, _ size: Int, at offset: Int) -> [Double] {
    (0..<count).map { real(size, at: offset + $0 * size) }
  }

  /// Text up to its first zero byte.
  func text(_ range: Range<Int>) -> String {
    String(decoding: bytes[range].prefix { $0 != 0 }, as: UTF8.self)
  }
}

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
  package var name: String { "\(self)" }

  /// Bytes per voxel.
  package var size: Int {
    switch self {
    case .uint8, .int8: return 1
    case .int16, .uint16: return 2
    case .int32, .uint32, .float32: return 4
    case .float64, .int64, .uint64: return 8
    }
  }

  /// The meaning of a code that is no scalar type Spider reads.
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
