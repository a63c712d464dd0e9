import SpiderCore

/// Damage to one input: the same for the same target and number, whatever was damaged before.
struct Damage {
  private var random: SeededGenerator

  /// The damage of a number.
  init(_ number: Int, stream: UInt64) {
    random = SeededGenerator(seed: stream).fork(UInt64(number))
  }

  /// A whole number below a limit; 0 where there is none.
  mutating func below(_ limit: Int) -> Int { limit > 1 ? random.index(below: limit) : 0 }

  /// Whether something of this chance, one in so many, comes true.
  mutating func happens(oneIn count: Int) -> Bool { below(count) == 0 }

  /// One of several.
  mutating func pick<Value>(_ values: [Value]) -> Value { values[below(values.count)] }

  /// 64 random bits.
  mutating func bits() -> UInt64 { random.next() }
}

extension Damage {
  /// Bytes flipped, overwritten with numbers at their limits, taken out, doubled, cut off, or mixed with
  /// another input's.
  mutating func harm(_ bytes: inout [UInt8], mixing others: [[UInt8]], from first: Int = 0) {
    guard bytes.count > first + 8 else { return }
    func place(_ size: Int, _ bytes: [UInt8], _ damage: inout Damage) -> Int {
      // Half of it where headers are.
      let end = bytes.count - size - first
      return first + damage.below(damage.happens(oneIn: 2) ? min(end, 1400) : end)
    }
    switch below(9) {
    case 0: bytes[place(1, bytes, &self)] ^= 1 << UInt8(below(8))
    case 1: bytes[place(1, bytes, &self)] = UInt8(truncatingIfNeeded: bits())
    case 2: bytes[place(1, bytes, &self)] = pick([0, 1, 0x7F, 0x80, 0xFE, 0xFF])
    case 3:
      let number = pick([0, 1, 2, 7, 0x7FFF, 0x8000, 0xFFFE, 0xFFFF, 3000] as [UInt64])
      overwrite(&bytes, at: place(2, bytes, &self), size: 2, number)
    case 4:
      let number = pick(
        [0, 1, 4, 0x7FFF_FFFF, 0x8000_0000, 0xFFFF_FFFE, 0xFFFF_FFFF, 0xFFFF, 1 << 20] as [UInt64])
      overwrite(&bytes, at: place(4, bytes, &self), size: 4, number)
    case 5:
      let start = place(8, bytes, &self)
      bytes.removeSubrange(start..<min(bytes.count, start + 1 + below(40)))
    case 6:
      let start = place(8, bytes, &self)
      let piece = Array(bytes[start..<min(bytes.count, start + 1 + below(80))])
      bytes.insert(contentsOf: piece, at: place(1, bytes, &self))
    case 7: if happens(oneIn: 4) { bytes.removeLast(below(bytes.count - first)) }
    default:
      let other = pick(others)
      guard other.count > first + 8 else { return }
      let start = place(8, other, &self)
      let piece = Array(other[start..<min(other.count, start + 1 + below(200))])
      let target = place(1, bytes, &self)
      bytes.replaceSubrange(target..<min(bytes.count, target + piece.count), with: piece)
    }
  }

  /// Writes a number, its lowest byte first.
  mutating func overwrite(_ bytes: inout [UInt8], at place: Int, size: Int, _ value: UInt64) {
    guard place >= 0, place + size <= bytes.count else { return }
    for byte in 0..<size {
      bytes[place + byte] = UInt8(truncatingIfNeeded: value >> (8 * UInt64(byte)))
    }
  }
}
