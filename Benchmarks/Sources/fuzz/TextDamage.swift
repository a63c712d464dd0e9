/// Damage to text that is made of numbers, names and brackets: JSON, YAML, XML, tables.
extension Damage {
  /// Numbers at the limits of their types and beyond, and what is no number.
  private static let numbers = [
    "1e999", "-1e999", "1e308", "-1e308", "1e-320", "0", "-0", "-1", "1", "2", "0.5", "NaN", "nan",
    "inf", "Infinity", "1e300", "1e-300", "65535", "65536", "2147483647", "-2147483648",
    "4294967296",
    "9223372036854775807", "-9223372036854775808", "9223372036854775808", "18446744073709551616",
    "0x10", "1_0", "1e", "--1", "1.5.2", "", "1e400000000000", "123456789012345678901234567890",
  ]
  private static let values = [
    "null", "true", "\"\"", "[]", "{}", "[[]]", "{\"\":0}", "\"\\u0000\"", "\"\\ud800\"", "\"a\"",
    "[1,2,3,4,5,6,7,8,9]", "\"1\"",
  ]
  private static let odd: [[UInt8]] = [
    [0], [0xFF], [0xC0, 0x80], [0xEF, 0xBB, 0xBF], [0xED, 0xA0, 0x80], [0x0D], [0x1B],
    [0xE2, 0x80, 0xA8],
    [0x5C], [0x22], [0x27], [0x09],
  ]

  /// A number put to its limit, a part doubled, taken away, exchanged or cut, brackets without end, or a
  /// byte that no text has; `words` are the format's own traps.
  mutating func harmText(
    _ bytes: inout [UInt8], mixing others: [[UInt8]], words: [String], from first: Int = 0
  ) {
    guard bytes.count > first + 2 else { return }
    switch below(12) {
    case 0, 1, 2:
      let spans = Self.spans(of: bytes, from: first) { Self.isNumber($0) }
      guard !spans.isEmpty else { return }
      bytes.replaceSubrange(pick(spans), with: Array(pick(Self.numbers).utf8))
    case 3:
      // A part between two separators once more: a key, an element, a line that is there twice.
      let part = part(of: bytes, from: first)
      bytes.insert(contentsOf: Array(bytes[part]), at: part.upperBound)
    case 4: bytes.removeSubrange(part(of: bytes, from: first))
    case 5:
      let one = part(of: bytes, from: first)
      let other = pick(others)
      bytes.replaceSubrange(one, with: Array(other[part(of: other, from: min(first, other.count))]))
    case 6:
      let opening = pick(["[", "{\"a\":", "<a>", "- ", "&a [*a,", "{", "(", " "])
      let text = String(repeating: opening, count: pick([1, 2, 33, 65, 129, 1000, 20_000]))
      bytes.insert(contentsOf: Array(text.utf8), at: first + below(bytes.count - first))
    case 7: bytes.insert(contentsOf: pick(Self.odd), at: first + below(bytes.count - first))
    case 8: if happens(oneIn: 3) { bytes.removeLast(below(bytes.count - first)) }
    case 9:
      let spans = Self.spans(of: bytes, from: first) { Self.isName($0) }
      guard spans.count > 1 else { return }
      let name = Array(bytes[pick(spans)])
      bytes.replaceSubrange(pick(spans), with: name)
    case 10:
      let text = words.isEmpty || happens(oneIn: 2) ? pick(Self.values) : pick(words)
      let spans = Self.spans(of: bytes, from: first) { Self.isNumber($0) || Self.isName($0) }
      guard !spans.isEmpty else { return }
      bytes.replaceSubrange(pick(spans), with: Array(text.utf8))
    default: harm(&bytes, mixing: others, from: first)
    }
  }

  private static func isNumber(_ byte: UInt8) -> Bool {
    (48...57).contains(byte) || [43, 45, 46].contains(byte)
  }

  private static func isName(_ byte: UInt8) -> Bool {
    (65...90).contains(byte) || (97...122).contains(byte) || byte == 95
  }

  private static func spans(
    of bytes: [UInt8], from first: Int, where belongs: (UInt8) -> Bool
  ) -> [Range<Int>] {
    var spans: [Range<Int>] = []
    var start: Int?
    for place in first..<bytes.count {
      if belongs(bytes[place]) {
        start = start ?? place
      } else if let begun = start {
        spans.append(begun..<place)
        start = nil
      }
    }
    if let start { spans.append(start..<bytes.count) }
    return spans
  }

  /// A part between two separators, the latter included.
  private mutating func part(of bytes: [UInt8], from first: Int) -> Range<Int> {
    let separators: [UInt8] = [10, 44, 62, 123, 125, 91, 93]
    guard bytes.count > first else { return bytes.count..<bytes.count }
    let start = first + below(bytes.count - first)
    var end = start
    while end < bytes.count, !separators.contains(bytes[end]) { end += 1 }
    var begin = start
    while begin > first, !separators.contains(bytes[begin - 1]) { begin -= 1 }
    return begin..<min(bytes.count, end + 1)
  }
}
