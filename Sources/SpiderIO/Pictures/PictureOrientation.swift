/// The orientation of a picture: where its first row and its first column lie (TIFF 6.0, tag 274; EXIF
/// has the same numbers).
enum PictureOrientation: Int, CaseIterable {
  case upright = 1
  case mirrored = 2
  case turnedHalf = 3
  case upsideDown = 4
  case transposed = 5
  case turnedLeft = 6
  case transposedAcross = 7
  case turnedRight = 8

  /// Whether stored rows are columns of the picture.
  var swapsAxes: Bool { rawValue >= 5 }

  /// What was done, for the user; nil where nothing was.
  var description: String? {
    let done: String
    switch self {
    case .upright: return nil
    case .mirrored: done = "mirrored left to right"
    case .turnedHalf: done = "turned by half"
    case .upsideDown: done = "mirrored top to bottom"
    case .transposed: done = "mirrored, and turned by a quarter to the left"
    case .turnedLeft: done = "turned by a quarter to the right"
    case .transposedAcross: done = "mirrored, and turned by a quarter to the right"
    case .turnedRight: done = "turned by a quarter to the left"
    }
    return "\(done), as its orientation tag (\(rawValue)) says"
  }

  /// Pixels of a stored picture in their upright order.
  func upright<Value>(_ stored: [Value], width: Int, height: Int) -> [Value] {
    guard self != .upright else { return stored }
    let (columns, rows) = swapsAxes ? (height, width) : (width, height)
    var result: [Value] = []
    result.reserveCapacity(stored.count)
    for row in 0..<rows {
      for column in 0..<columns {
        let (x, y): (Int, Int)
        switch self {
        case .upright: (x, y) = (column, row)
        case .mirrored: (x, y) = (width - 1 - column, row)
        case .turnedHalf: (x, y) = (width - 1 - column, height - 1 - row)
        case .upsideDown: (x, y) = (column, height - 1 - row)
        case .transposed: (x, y) = (row, column)
        case .turnedLeft: (x, y) = (row, height - 1 - column)
        case .transposedAcross: (x, y) = (width - 1 - row, height - 1 - column)
        case .turnedRight: (x, y) = (width - 1 - row, column)
        }
        result.append(stored[y * width + x])
      }
    }
    return result
  }
}

extension PictureOrientation {
  /// The orientation in the EXIF data of a JPEG file (segment APP1); upright where none stands.
  init(ofJPEG bytes: [UInt8]) {
    self = .upright
    var position = 2
    while position + 4 <= bytes.count, bytes[position] == 0xFF {
      let marker = bytes[position + 1]
      if marker == 0xFF {
        position += 1
        continue
      }
      // The picture itself, its end, or a marker that has no length.
      guard marker != 0xDA, marker != 0xD9, marker != 0x01, !(0xD0...0xD7).contains(marker) else {
        return
      }
      let length = Int(bytes[position + 2]) << 8 | Int(bytes[position + 3])
      let end = position + 2 + length
      guard length >= 2, end <= bytes.count else { return }
      let content = bytes[position + 4..<end]
      if marker == 0xE1, content.starts(with: Array("Exif".utf8) + [0, 0]) {
        self = Self(tags: Array(content.dropFirst(6))) ?? .upright
        return
      }
      position = end
    }
  }

  /// The orientation in the eXIf chunk of a PNG file; upright where none stands.
  init(ofPNG bytes: [UInt8]) {
    self = PNG.chunk("eXIf", of: bytes).flatMap { Self(tags: $0) } ?? .upright
  }

  /// The orientation among the tags of a TIFF header, which is what EXIF data are; nil where none
  /// stands, or a number that has no meaning.
  init?(tags bytes: [UInt8]) {
    guard bytes.count >= 8 else { return nil }
    let isLittle = bytes.starts(with: [0x49, 0x49, 0x2A, 0])
    guard isLittle || bytes.starts(with: [0x4D, 0x4D, 0, 0x2A]) else { return nil }
    func number(_ count: Int, at offset: Int) -> Int? {
      guard offset >= 0, offset + count <= bytes.count else { return nil }
      let digits = bytes[offset..<offset + count]
      return (isLittle ? digits.reversed() : Array(digits)).reduce(0) { $0 << 8 | Int($1) }
    }
    guard let start = number(4, at: 4), let count = number(2, at: start) else { return nil }
    for entry in 0..<count {
      let place = start + 2 + 12 * entry
      guard let tag = number(2, at: place) else { return nil }
      // A short number stands at the front of its field.
      guard tag == 274, let value = number(2, at: place + 8) else { continue }
      self.init(rawValue: value)
      return
    }
    return nil
  }
}
