/// Damages files, the same way for the same number.
struct Mutation {
  private var state: UInt64

  /// The damage of one number.
  init(_ number: UInt64) { state = number &* 0x9E37_79B9_7F4A_7C15 &+ 0x1234_5678 }

  /// SplitMix64 (Steele, Lea, Flood 2014).
  private mutating func next() -> UInt64 {
    state &+= 0x9E37_79B9_7F4A_7C15
    var z = state
    z = (z ^ (z >> 30)) &* 0xBF58_476D_1CE4_E5B9
    z = (z ^ (z >> 27)) &* 0x94D0_49BB_1331_11EB
    return z ^ (z >> 31)
  }

  private mutating func below(_ limit: Int) -> Int { limit > 0 ? Int(next() % UInt64(limit)) : 0 }

  /// One of the seeds, damaged in one to eight places.
  mutating func damaged(_ seeds: [[UInt8]]) -> [UInt8] {
    var bytes = seeds[below(seeds.count)]
    for _ in 0...below(8) { damage(&bytes, seeds) }
    return bytes
  }

  private mutating func place(_ bytes: [UInt8], _ size: Int) -> Int {
    // Half of all damage to the header, the other half anywhere; the mark "DICM" mostly stays.
    let end = bytes.count - size
    guard end > 132 else { return max(0, below(end)) }
    return 132 + below((next() & 1 == 0 ? min(end, 1400) : end) - 132)
  }

  private mutating func damage(_ bytes: inout [UInt8], _ seeds: [[UInt8]]) {
    guard bytes.count > 16 else { return }
    switch below(9) {
    case 0: bytes[place(bytes, 1)] ^= 1 << UInt8(below(8))
    case 1: bytes[place(bytes, 1)] = UInt8(truncatingIfNeeded: next())
    case 2: bytes[place(bytes, 1)] = [0, 1, 0x7F, 0x80, 0xFE, 0xFF][below(6)]
    case 3: overwrite(&bytes, 2, [0, 1, 2, 7, 0x7FFF, 0x8000, 0xFFFE, 0xFFFF, 3000][below(9)])
    case 4:
      overwrite(
        &bytes, 4,
        [0, 1, 4, 0x7FFF_FFFF, 0x8000_0000, 0xFFFF_FFFE, 0xFFFF_FFFF, 0xFFFF, 1 << 20][below(9)])
    case 5:
      let start = place(bytes, 8)
      bytes.removeSubrange(start..<min(bytes.count, start + 1 + below(40)))
    case 6:
      let start = place(bytes, 8)
      let piece = Array(bytes[start..<min(bytes.count, start + 1 + below(80))])
      bytes.insert(contentsOf: piece, at: place(bytes, 1))
    case 7: if below(4) == 0 { bytes.removeLast(below(bytes.count - 8)) }
    default:
      let other = seeds[below(seeds.count)]
      let start = place(other, 8)
      let piece = Array(other[start..<min(other.count, start + 1 + below(200))])
      let target = place(bytes, 1)
      bytes.replaceSubrange(target..<min(bytes.count, target + piece.count), with: piece)
    }
  }

  private mutating func overwrite(_ bytes: inout [UInt8], _ size: Int, _ value: UInt64) {
    let start = place(bytes, size)
    for place in 0..<size { bytes[start + place] = UInt8(truncatingIfNeeded: value >> (8 * place)) }
  }
}
