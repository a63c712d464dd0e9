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
