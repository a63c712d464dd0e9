import Foundation

/// The SHA-256 digest of files (FIPS 180-4): what the command `sha256sum` prints of them.
package enum SHA256 {
  /// The digest of a file, 64 hexadecimal digits.
  ///
  /// - Throws: ``FileError/unreadable(_:reason:)``.
  package static func digest(of url: URL) throws(FileError) -> String {
    do {
      return digest(of: Array(try Data(contentsOf: url)))
    } catch {
      throw .unreadable(url, reason: error.localizedDescription)
    }
  }

  /// The digest of some bytes.
  package static func digest(of bytes: [UInt8]) -> String {
    // The bytes, a bit that is set, zeros, and the length in bits make blocks of 64.
    var message = bytes
    message.append(0x80)
    message += [UInt8](repeating: 0, count: (120 - message.count % 64) % 64)
    message += (0..<8).map { UInt8(truncatingIfNeeded: (8 * bytes.count) >> (56 - 8 * $0)) }
    var state: [UInt32] = [
      0x6a09_e667, 0xbb67_ae85, 0x3c6e_f372, 0xa54f_f53a,
      0x510e_527f, 0x9b05_688c, 0x1f83_d9ab, 0x5be0_cd19,
    ]
    var words = [UInt32](repeating: 0, count: 64)
    for start in stride(from: 0, to: message.count, by: 64) {
      for n in 0..<16 {
        let at = start + 4 * n
        words[n] =
          UInt32(message[at]) << 24 | UInt32(message[at + 1]) << 16
          | UInt32(message[at + 2]) << 8 | UInt32(message[at + 3])
      }
      for n in 16..<64 {
        let (a, b) = (words[n - 15], words[n - 2])
        let first = turned(a, 7) ^ turned(a, 18) ^ a >> 3
        let second = turned(b, 17) ^ turned(b, 19) ^ b >> 10
        words[n] = words[n - 16] &+ first &+ words[n - 7] &+ second
      }
      mix(words, into: &state)
    }
    return state.map { String(format: "%08x", $0) }.joined()
  }

  private static func mix(_ words: [UInt32], into state: inout [UInt32]) {
    var (a, b, c, d) = (state[0], state[1], state[2], state[3])
    var (e, f, g, h) = (state[4], state[5], state[6], state[7])
    for n in 0..<64 {
      let one = turned(e, 6) ^ turned(e, 11) ^ turned(e, 25)
      let first = h &+ one &+ ((e & f) ^ (~e & g)) &+ constants[n] &+ words[n]
      let zero = turned(a, 2) ^ turned(a, 13) ^ turned(a, 22)
      let second = zero &+ ((a & b) ^ (a & c) ^ (b & c))
      (h, g, f, e) = (g, f, e, d &+ first)
      (d, c, b, a) = (c, b, a, first &+ second)
    }
    for (n, value) in [a, b, c, d, e, f, g, h].enumerated() { state[n] &+= value }
  }

  private static func turned(_ word: UInt32, _ bits: UInt32) -> UInt32 {
    word >> bits | word << (32 - bits)
  }

  /// The first 32 bits of the fractional parts of the cube roots of the first 64 primes.
  private static let constants: [UInt32] = {
    let primes = (2...311).filter { number in (2..<number).allSatisfy { number % $0 != 0 } }
    return primes.map { prime in
      // floor(cbrt(p) 2^32) is the largest r with r^3 <= p 2^96: bit by bit, in 128 bits.
      var root: UInt128 = 0
      for bit in stride(from: 34, through: 0, by: -1) {
        let trial = root | 1 << bit
        if trial * trial * trial <= UInt128(prime) << 96 { root = trial }
      }
      return UInt32(truncatingIfNeeded: root)
    }
  }()
}
