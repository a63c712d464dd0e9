/// What the header of a compressed frame states of it, read before a decoder sees the frame: a decoder
/// that believes two headers which disagree writes where it must not.
struct Codestream: Equatable {
  enum Family { case baseline, extended, lossless, ls, j2k }

  let family: Family
  let columns: Int
  let rows: Int
  let samples: Int
  /// Bits of a sample.
  let precision: Int
  let isSigned: Bool

  /// The most pixels that a byte of it can stand for, so that a small file cannot claim a huge image.
  var pixelsPerByte: Int {
    switch family {
    // Two bits at least for a block of 8 x 8.
    case .baseline, .extended: 256
    // One bit at least for a sample.
    case .lossless: 8
    // Runs, and code blocks that are all zero.
    case .ls, .j2k: 1 << 16
    }
  }

  /// The frame as the decoder gets it: from the start to the end marker, without comments and what
  /// applications left in it.
  let content: [UInt8]

  /// Reads the header and walks to the end; nil when a frame is cut short, is not well formed, or says
  /// something that no radiograph has.
  static func read(_ bytes: [UInt8]) -> Codestream? {
    bytes.starts(with: [0xFF, 0x4F, 0xFF, 0x51]) ? Codestream(j2k: bytes) : Codestream(jpeg: bytes)
  }

  /// The segments of JPEG and JPEG-LS (ITU-T T.81 B.2, T.87 C.2).
  ///
  /// GDCM asserts that its decoder has nothing to complain of in a header: every segment must follow upon
  /// the one before, with the tables that the scan needs.
  private init?(jpeg bytes: [UInt8]) {
    guard bytes.starts(with: [0xFF, 0xD8]) else { return nil }
    var content: [UInt8] = [0xFF, 0xD8]
    var frame: (family: Family, at: Int, samples: Int)?
    var tables: Set<UInt8> = []
    var at = 2
    while true {
      guard let segment = Self.segment(bytes, at) else { return nil }
      switch segment.marker {
      case 0xC0, 0xC1, 0xC3, 0xF7:
        let samples = segment.range.count >= 10 ? Int(bytes[at + 9]) : 0
        guard frame == nil, samples == 1 || samples == 3,
          segment.range.count == 10 + 3 * samples
        else { return nil }
        let families: [UInt8: Family] = [0xC0: .baseline, 0xC1: .extended, 0xC3: .lossless]
        frame = (families[segment.marker] ?? .ls, at, samples)
      case 0xC4, 0xDB, 0xDD, 0xF8: tables.insert(segment.marker)
      case 0xE0...0xEF, 0xFE:
        at = segment.range.upperBound
        continue
      case 0xDA:
        guard let frame, Self.needed(by: frame.family).isSubset(of: tables),
          segment.range.count >= 10,
          let end = Self.end(of: bytes, after: segment.range.upperBound, frame)
        else { return nil }
        self.init(frame, bytes, content + bytes[at..<end])
        return
      // Progressive, hierarchical and arithmetic frames, and what has no place here.
      default: return nil
      }
      content += bytes[segment.range]
      at = segment.range.upperBound
    }
  }

  private init?(
    _ frame: (family: Family, at: Int, samples: Int), _ bytes: [UInt8], _ content: [UInt8]
  ) {
    func word(_ at: Int) -> Int { Int(bytes[at]) << 8 | Int(bytes[at + 1]) }
    family = frame.family
    samples = frame.samples
    precision = Int(bytes[frame.at + 4])
    rows = word(frame.at + 5)
    columns = word(frame.at + 7)
    isSigned = false
    self.content = content
    for sample in 0..<samples {
      // Sampling factors from 1 to 2, of colours that are transformed.
      let factors = bytes[frame.at + 11 + 3 * sample]
      guard (1...2).contains(factors >> 4), (1...2).contains(factors & 15) else { return nil }
      if samples == 1 || family == .lossless || family == .ls, factors != 0x11 { return nil }
    }
  }

  /// A segment with a length: its marker, and its bytes with the marker's two.
  private static func segment(_ bytes: [UInt8], _ at: Int) -> (marker: UInt8, range: Range<Int>)? {
    guard at + 4 <= bytes.count, bytes[at] == 0xFF else { return nil }
    let length = Int(bytes[at + 2]) << 8 | Int(bytes[at + 3])
    guard length >= 2, at + 2 + length <= bytes.count else { return nil }
    return (bytes[at + 1], at..<at + 2 + length)
  }

  private static func needed(by family: Family) -> Set<UInt8> {
    switch family {
    case .baseline, .extended: [0xC4, 0xDB]
    case .lossless: [0xC4]
    case .ls, .j2k: []
    }
  }

  /// The place behind the end marker, from within a scan; nil when there is none, or something else first.
  private static func end(
    of bytes: [UInt8], after start: Int, _ frame: (family: Family, at: Int, samples: Int)
  ) -> Int? {
    var at = start
    while at + 1 < bytes.count {
      guard bytes[at] == 0xFF else {
        at += 1
        continue
      }
      switch bytes[at + 1] {
      case 0xD9: return at + 2
      case 0xFF: at += 1
      // Stuffing, and marks to start anew.
      case 0, 0xD0...0xD7: at += 2
      case 1..<0x80 where frame.family == .ls: at += 2
      case 0xC4, 0xDA, 0xDB, 0xDD, 0xF8:
        guard frame.samples > 1, let next = segment(bytes, at) else { return nil }
        at = next.range.upperBound
      default: return nil
      }
    }
    return nil
  }

  /// The SIZ segment of JPEG 2000 (ISO/IEC 15444-1 A.5.1).
  private init?(j2k bytes: [UInt8]) {
    func number(_ at: Int, _ size: Int) -> Int? {
      guard at + size <= bytes.count else { return nil }
      return bytes[at..<at + size].reduce(0) { $0 << 8 | Int($1) }
    }
    guard let length = number(4, 2), let width = number(8, 4), let height = number(12, 4),
      let left = number(16, 4), let top = number(20, 4), let tileWidth = number(24, 4),
      let tileHeight = number(28, 4), let tileLeft = number(32, 4), let tileTop = number(36, 4),
      let count = number(40, 2), length == 38 + 3 * count, count == 1 || count == 3,
      let first = number(42, 1), left == 0, top == 0, tileLeft == 0, tileTop == 0,
      (1...65535).contains(width), (1...65535).contains(height), tileWidth > 0, tileHeight > 0
    else { return nil }
    // Equal components, none subsampled; and no flood of tiles.
    for component in 0..<count {
      guard number(42 + 3 * component, 1) == first, number(43 + 3 * component, 2) == 0x0101 else {
        return nil
      }
    }
    let tiles =
      ((width + tileWidth - 1) / tileWidth) * ((height + tileHeight - 1) / tileHeight)
    guard tiles <= 4096, tiles <= bytes.count else { return nil }
    // The end marker, but for a byte that makes the length even.
    guard [bytes.suffix(2), bytes.dropLast().suffix(2)].contains([0xFF, 0xD9]) else { return nil }
    content = bytes
    family = .j2k
    columns = width
    rows = height
    samples = count
    precision = (first & 0x7F) + 1
    isSigned = first & 0x80 != 0
  }
}
