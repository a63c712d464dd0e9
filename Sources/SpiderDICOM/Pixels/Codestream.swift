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

  /// Reads the header; nil when it is none, or says something that no radiograph has.
  static func read(_ bytes: [UInt8]) -> Codestream? {
    bytes.starts(with: [0xFF, 0x4F, 0xFF, 0x51]) ? Codestream(j2k: bytes) : Codestream(jpeg: bytes)
  }

  /// The frame header of JPEG and JPEG-LS (ITU-T T.81 B.2.2).
  private init?(jpeg bytes: [UInt8]) {
    func word(_ at: Int) -> Int {
      at + 1 < bytes.count ? Int(bytes[at]) << 8 | Int(bytes[at + 1]) : -1
    }
    guard bytes.count >= 16, word(0) == 0xFFD8 else { return nil }
    var at = 2
    // The frame header comes before the first scan; segments before it are skipped.
    while at + 4 <= bytes.count {
      guard bytes[at] == 0xFF else { return nil }
      let marker = bytes[at + 1]
      if marker == 0xFF {
        at += 1
        continue
      }
      let length = word(at + 2)
      guard length >= 2, at + 2 + length <= bytes.count else { return nil }
      let family: Family
      switch marker {
      case 0xC0: family = .baseline
      case 0xC1: family = .extended
      case 0xC3: family = .lossless
      case 0xF7: family = .ls
      // Progressive, hierarchical and arithmetic frames, and scans without a frame.
      case 0xC2, 0xC5...0xC7, 0xC9...0xCB, 0xCD...0xCF, 0xDA, 0xD8, 0xD9, 0x00, 0x01: return nil
      default:
        at += 2 + length
        continue
      }
      guard length >= 8, length >= 8 + 3 * Int(bytes[at + 9]) else { return nil }
      self.family = family
      precision = Int(bytes[at + 4])
      rows = word(at + 5)
      columns = word(at + 7)
      samples = Int(bytes[at + 9])
      isSigned = false
      // Sampling factors from 1 to 2: more is no colour picture.
      for sample in 0..<samples {
        let factors = bytes[at + 11 + 3 * sample]
        guard (1...2).contains(factors >> 4), (1...2).contains(factors & 15) else { return nil }
        if samples == 1 || family == .lossless || family == .ls, factors != 0x11 { return nil }
      }
      return
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
    family = .j2k
    columns = width
    rows = height
    samples = count
    precision = (first & 0x7F) + 1
    isSigned = first & 0x80 != 0
  }
}
