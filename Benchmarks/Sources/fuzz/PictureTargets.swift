import Foundation
import SpiderCore
import SpiderIO

extension Target {
  private static func read(_ url: URL) throws {
    let film = try RadiographFile.read(image: url) { columns, rows in
      try ViewSetup(pixelSize: SIMD2(1, 1), columns: columns, rows: rows).geometry(of: .pa)
    }
    precondition(film.radiograph.values.allSatisfy { $0 >= 0 && $0 <= 1 }, "a grey beyond white")
  }

  /// PNG, made here without compression; checksums are put right after most of the damage.
  static func png() -> Target {
    func lines(_ count: Int, step: Int, filtered: Bool) -> [UInt8] {
      (0..<count).flatMap { row -> [UInt8] in
        [UInt8(filtered ? row : 0)]
          + (0..<8).map { column -> UInt8 in UInt8(step * row + 7 * column) }
      }
    }
    let rows = lines(6, step: 20, filtered: false)
    let wide = lines(3, step: 60, filtered: true)
    let seeds = [
      PNGFile.bytes(8, 6, depth: 8, colour: 0, rows),
      PNGFile.bytes(4, 3, depth: 16, colour: 0, wide),
      PNGFile.bytes(
        8, 6, depth: 8, colour: 3, rows.map { $0 % 2 },
        extra: [("PLTE", [9, 9, 9, 200, 200, 200]), ("tRNS", [0])]),
      PNGFile.bytes(2, 3, depth: 8, colour: 6, wide),
      PNGFile.bytes(2, 6, depth: 8, colour: 4, rows.map { $0 / 2 }),
    ]
    return Target(name: "png", ending: "png", seeds: seeds) { damage, bytes in
      switch damage.below(4) {
      case 0: damage.harm(&bytes, mixing: seeds)
      case 1:
        // Width, height, depth, colour, compression, filter, interlace.
        let place = 16 + damage.below(13)
        damage.overwrite(
          &bytes, at: place, size: damage.pick([1, 4]),
          damage.pick([0, 1, 2, 3, 4, 6, 7, 8, 16, 0xFF, 0xFFFF_FF7F, 0x7F] as [UInt64]))
        PNGFile.repair(&bytes)
      default:
        damage.harm(&bytes, mixing: seeds, from: 8)
        PNGFile.repair(&bytes)
      }
    } read: {
      try read($0)
    }
  }

  /// JPEG as another program wrote it.
  static func jpeg(_ sources: Sources) throws -> Target {
    let seeds = try pictures(sources).filter { $0.first == 0xFF }
    return Target(name: "jpeg", ending: "jpg", seeds: seeds) { damage, bytes in
      let markers = bytes.indices.dropLast(12).filter { bytes[$0] == 0xFF && bytes[$0 + 1] > 0xBF }
      guard !markers.isEmpty, damage.happens(oneIn: 2) else {
        return damage.harm(&bytes, mixing: seeds)
      }
      bytes[damage.pick(markers) + 1 + damage.below(11)] = UInt8(truncatingIfNeeded: damage.bits())
    } read: {
      try read($0)
    }
  }

  /// TIFF as another program wrote it.
  static func tiff(_ sources: Sources) throws -> Target {
    let seeds = try pictures(sources).filter { $0.first == 0x49 || $0.first == 0x4D }
    return Target(name: "tiff", ending: "tif", seeds: seeds) { damage, bytes in
      guard bytes.count > 20, damage.below(3) > 0 else { return damage.harm(&bytes, mixing: seeds) }
      let isBig = bytes[0] == 0x4D
      func number(_ place: Int, _ size: Int) -> Int {
        (0..<size).reduce(0) { $0 << 8 | Int(bytes[place + (isBig ? $1 : size - 1 - $1)]) }
      }
      let directory = number(4, 4)
      guard directory + 2 < bytes.count else { return }
      let entries = min(64, number(directory, 2))
      // Tag, type, count or value of an entry.
      let place = directory + 2 + 12 * damage.below(entries) + damage.pick([0, 2, 4, 8])
      let size = damage.pick([2, 4])
      var value = damage.pick(
        [0, 1, 2, 3, 4, 5, 7, 8, 12, 16, 32, 0x7FFF, 0xFFFF, 0x7FFF_FFFF, 0xFFFF_FFFF, 32773]
          as [UInt64])
      if isBig { value = value.byteSwapped >> UInt64(64 - 8 * size) }
      damage.overwrite(&bytes, at: place, size: size, value)
    } read: {
      try read($0)
    }
  }

  private static func pictures(_ sources: Sources) throws -> [[UInt8]] {
    struct Picture: Decodable { let bytes: Data }
    let file = sources.tests.appendingPathComponent("SpiderIOTests/Resources/pictures.json")
    return try JSONDecoder().decode([Picture].self, from: Data(contentsOf: file))
      .map { Array($0.bytes) }
  }
}

/// Makes PNG files, and puts their checksums right.
enum PNGFile {
  private static let table: [UInt32] = (0..<256).map { start in
    (0..<8).reduce(UInt32(start)) { sum, _ in sum & 1 == 1 ? 0xEDB8_8320 ^ (sum >> 1) : sum >> 1 }
  }

  private static func checksum(_ bytes: ArraySlice<UInt8>) -> UInt32 {
    ~bytes.reduce(~UInt32(0)) { table[Int(UInt8(truncatingIfNeeded: $0) ^ $1)] ^ ($0 >> 8) }
  }

  private static func big(_ number: UInt32) -> [UInt8] {
    (0..<4).map { UInt8(truncatingIfNeeded: number >> (24 - 8 * UInt32($0))) }
  }

  private static func chunk(_ name: String, _ content: [UInt8]) -> [UInt8] {
    let body = Array(name.utf8) + content
    return big(UInt32(content.count)) + body + big(checksum(body[...]))
  }

  /// A file of scan lines, each behind its filter's number.
  static func bytes(
    _ width: UInt32, _ height: UInt32, depth: UInt8, colour: UInt8, _ lines: [UInt8],
    extra: [(String, [UInt8])] = []
  ) -> [UInt8] {
    let (length, low) = (UInt16(lines.count), { (n: UInt16) in [UInt8(n & 0xFF), UInt8(n >> 8)] })
    let sums = lines.reduce((UInt32(1), UInt32(0))) {
      let first = ($0.0 + UInt32($1)) % 65521
      return (first, ($0.1 + first) % 65521)
    }
    // One stored block (RFC 1950, 1951).
    let stream =
      [0x78, 0x01, 0x01] + low(length) + low(~length) + lines + big(sums.1 << 16 | sums.0)
    return [0x89, 0x50, 0x4E, 0x47, 0x0D, 0x0A, 0x1A, 0x0A]
      + chunk("IHDR", big(width) + big(height) + [depth, colour, 0, 0, 0])
      + extra.flatMap { chunk($0.0, $0.1) } + chunk("IDAT", stream) + chunk("IEND", [])
  }

  /// Gives every chunk that is whole its checksum.
  static func repair(_ bytes: inout [UInt8]) {
    var place = 8
    while place + 12 <= bytes.count {
      let length = bytes[place..<place + 4].reduce(0) { $0 << 8 | Int($1) }
      let end = place + 8 + length
      guard end + 4 <= bytes.count else { return }
      bytes.replaceSubrange(end..<end + 4, with: big(checksum(bytes[place + 4..<end])))
      place = end + 4
    }
  }
}
