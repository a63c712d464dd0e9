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
