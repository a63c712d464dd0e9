extension PNG {
  /// The content of a file's first chunk of a type; nil when it has none, or the file ends within it.
  static func chunk(_ type: String, of bytes: [UInt8]) -> [UInt8]? {
    var position = 8
    while position + 8 <= bytes.count {
      let length = bytes[position..<position + 4].reduce(0) { $0 << 8 | Int($1) }
      let start = position + 8
      guard start + length <= bytes.count else { return nil }
      if bytes[position + 4..<start].elementsEqual(type.utf8) {
        return Array(bytes[start..<start + length])
      }
      position = start + length + 4
    }
    return nil
  }
}
