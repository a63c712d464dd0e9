import SpiderImaging

/// Composes PNG files from the published layout, with stored deflate blocks and no filters.
enum HandmadePNG {
  static func bytes(
    width: Int, height: Int, bitDepth: UInt8, colourType: UInt8, extra: [(String, [UInt8])],
    rows: [UInt8]
  ) -> [UInt8] {
    // Every row is preceded by its filter, 0: none.
    let stride = max(1, rows.count / height)
    var raw: [UInt8] = []
    for (index, byte) in rows.enumerated() {
      if index % stride == 0 { raw.append(0) }
      raw.append(byte)
    }
    let length = UInt16(raw.count)
    let stored: [UInt8] =
      [0x78, 0x01, 0x01] + little(length) + little(~length) + raw + big(adler(raw))
    let header =
      big(UInt32(width)) + big(UInt32(height)) + [bitDepth, colourType, 0, 0, 0]
    return [0x89, 0x50, 0x4E, 0x47, 0x0D, 0x0A, 0x1A, 0x0A] + chunk("IHDR", header)
      + extra.flatMap { chunk($0.0, $0.1) } + chunk("IDAT", stored) + chunk("IEND", [])
  }

  private static func chunk(_ name: String, _ content: [UInt8]) -> [UInt8] {
    let body = Array(name.utf8) + content
    return big(UInt32(content.count)) + body + big(crc(body))
  }

  private static func big(_ value: UInt32) -> [UInt8] {
    [24, 16, 8, 0].map { UInt8(truncatingIfNeeded: value >> $0) }
  }

  private static func little(_ value: UInt16) -> [UInt8] {
    [UInt8(truncatingIfNeeded: value), UInt8(truncatingIfNeeded: value >> 8)]
  }

  private static func crc(_ bytes: [UInt8]) -> UInt32 {
    ~bytes.reduce(UInt32.max) { sum, byte in
      (0..<8).reduce(sum ^ UInt32(byte)) { rest, _ in
        rest & 1 == 1 ? rest >> 1 ^ 0xEDB8_8320 : rest >> 1
      }
    }
  }

  private static func adler(_ bytes: [UInt8]) -> UInt32 {
    let (a, b) = bytes.reduce((UInt32(1), UInt32(0))) { sums, byte in
      let a = (sums.0 + UInt32(byte)) % 65521
      return (a, (sums.1 + a) % 65521)
    }
    return b << 16 | a
  }
}
