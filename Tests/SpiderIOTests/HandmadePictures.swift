import Foundation
import SpiderImaging
import Testing

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

/// Composes uncompressed TIFF files from the published layout (TIFF 6.0), in either byte order.
struct HandmadeTIFF {
  var isBigEndian = false
  var width = 3
  var height = 2
  /// Bits of a sample, the same for all.
  var bits = 8
  var samples = 1
  /// Tag 262: 0 white is low, 1 black is low, 2 RGB, 3 palette.
  var photometric = 1
  /// More tags: number, type (3: 16 bits, 4: 32 bits) and values.
  var more: [(tag: Int, type: Int, values: [Int])] = []
  /// Pieces in the file's order: one strip of all rows, or tiles when ``tile`` is set.
  var pieces: [[UInt8]] = []
  /// Columns and rows of a tile.
  var tile: (width: Int, height: Int)?
  /// Tag 259.
  var compression = 1
  /// Tag 284: 1 pixel by pixel, 2 plane by plane.
  var planar = 1
  /// Where the next page lies.
  var next = 0

  /// The bytes of a number in the file's order.
  func number(_ value: Int, _ size: Int) -> [UInt8] {
    let little = (0..<size).map { UInt8(truncatingIfNeeded: value >> (8 * $0)) }
    return isBigEndian ? little.reversed() : little
  }

  /// The whole file.
  var bytes: [UInt8] {
    var body: [UInt8] = []
    let start = 8
    func place(_ content: [UInt8]) -> Int {
      if body.count % 2 == 1 { body.append(0) }
      body += content
      return start + body.count - content.count
    }
    var entries: [(tag: Int, type: Int, values: [Int])] = [
      (256, 4, [width]), (257, 4, [height]),
      (258, 3, [Int](repeating: bits, count: samples)), (259, 3, [compression]),
      (262, 3, [photometric]), (277, 3, [samples]), (284, 3, [planar]),
    ]
    let offsets = pieces.map(place)
    let counts = pieces.map(\.count)
    if let tile {
      entries += [
        (322, 4, [tile.width]), (323, 4, [tile.height]), (324, 4, offsets), (325, 4, counts),
      ]
    } else {
      entries += [(273, 4, offsets), (278, 4, [height]), (279, 4, counts)]
    }
    entries.removeAll { entry in more.contains { $0.tag == entry.tag } }
    entries += more
    var directory = number(entries.count, 2)
    for entry in entries.sorted(by: { $0.tag < $1.tag }) {
      let size = entry.type == 3 ? 2 : 4
      let content = entry.values.flatMap { number($0, size) }
      directory += number(entry.tag, 2) + number(entry.type, 2) + number(entry.values.count, 4)
      directory +=
        content.count <= 4
        ? content + [UInt8](repeating: 0, count: 4 - content.count)
        : number(place(content), 4)
    }
    directory += number(next, 4)
    let first = place(directory)
    let mark: [UInt8] = isBigEndian ? [0x4D, 0x4D] : [0x49, 0x49]
    return mark + number(42, 2) + number(first, 4) + body
  }
}

/// The pictures that another program wrote and read: Resources/make_pictures.py.
struct WrittenPicture: Decodable, CustomStringConvertible, Sendable {
  let name: String
  /// The file.
  let bytes: Data
  let width: Int?
  let height: Int?
  /// The grey values; nil when the picture is to be refused.
  let values: [Float]?
  let full: Float
  let tolerance: Float
  /// What the error says of one that is refused.
  let word: String?

  var description: String { name }

  /// The type of the file by its first byte.
  var isJPEG: Bool { bytes.first == 0xFF }

  static func all() throws -> [WrittenPicture] {
    let url = try #require(
      Bundle.module.url(forResource: "Resources/pictures", withExtension: "json"))
    return try JSONDecoder().decode([WrittenPicture].self, from: Data(contentsOf: url))
  }

  static func named(_ name: String) throws -> [UInt8] {
    Array(try #require(all().first { $0.name == name }).bytes)
  }
}
