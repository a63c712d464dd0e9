/// How a file's data set and its pixels are encoded (PS3.5 10, PS3.6 A).
enum TransferSyntax: String, CaseIterable, Sendable {
  case implicitLittleEndian = "1.2.840.10008.1.2"
  case explicitLittleEndian = "1.2.840.10008.1.2.1"
  case deflated = "1.2.840.10008.1.2.1.99"
  case explicitBigEndian = "1.2.840.10008.1.2.2"
  case runLength = "1.2.840.10008.1.2.5"
  case jpegBaseline = "1.2.840.10008.1.2.4.50"
  case jpegExtended = "1.2.840.10008.1.2.4.51"
  case jpegLossless = "1.2.840.10008.1.2.4.57"
  case jpegLosslessFirstOrder = "1.2.840.10008.1.2.4.70"
  case jpegLSLossless = "1.2.840.10008.1.2.4.80"
  case jpegLSNearLossless = "1.2.840.10008.1.2.4.81"
  case jpeg2000Lossless = "1.2.840.10008.1.2.4.90"
  case jpeg2000 = "1.2.840.10008.1.2.4.91"

  /// The name in words.
  var name: String {
    switch self {
    case .implicitLittleEndian: "implicit little endian"
    case .explicitLittleEndian: "explicit little endian"
    case .deflated: "deflated"
    case .explicitBigEndian: "explicit big endian"
    case .runLength: "RLE"
    case .jpegBaseline: "JPEG baseline"
    case .jpegExtended: "JPEG extended"
    case .jpegLossless, .jpegLosslessFirstOrder: "JPEG lossless"
    case .jpegLSLossless: "JPEG-LS"
    case .jpegLSNearLossless: "JPEG-LS, near lossless"
    case .jpeg2000Lossless: "JPEG 2000, lossless"
    case .jpeg2000: "JPEG 2000"
    }
  }

  /// Whether pixels come in fragments.
  var isCompressed: Bool {
    switch self {
    case .implicitLittleEndian, .explicitLittleEndian, .deflated, .explicitBigEndian: false
    default: true
    }
  }

  /// Whether what was lost in compression is gone.
  var isLossy: Bool {
    switch self {
    case .jpegBaseline, .jpegExtended, .jpegLSNearLossless, .jpeg2000: true
    default: false
    }
  }
}
