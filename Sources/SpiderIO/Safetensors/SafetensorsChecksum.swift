import Foundation

extension SafetensorsFile {
  /// The key of the checksum in a file's metadata.
  static let checksumKey = "spider.checksum"

  /// The checksum of a file's content: metadata, names and shapes, and the bytes of every tensor. The
  /// order in which tensors lie in the file is not part of it.
  ///
  /// - Parameter sums: the sum of each tensor's bytes, by name.
  func checksum(_ sums: [String: UInt64]) -> String {
    var sum = ContentSum()
    for (key, value) in metadata.sorted(by: { $0.key < $1.key }) where key != Self.checksumKey {
      sum.add(key)
      sum.add(value)
    }
    for tensor in tensors.sorted(by: { $0.name < $1.name }) {
      sum.add(tensor.name)
      sum.add(UInt64(tensor.shape.count))
      for count in tensor.shape { sum.add(UInt64(count)) }
      sum.add(sums[tensor.name] ?? 0)
    }
    return "fnv1a64w:" + String(sum.value, radix: 16)
  }

  /// Whether both hold the same; where they come from does not matter.
  public static func == (a: SafetensorsFile, b: SafetensorsFile) -> Bool {
    a.metadata == b.metadata && a.tensors == b.tensors && a.skipped == b.skipped
  }
}

/// FNV-1a (Fowler, Noll, Vo) over words of 64 bits instead of bytes: eight times as fast, and like it
/// sure to change with any change in a single word. Against accidents, not against intent.
struct ContentSum {
  /// The sum so far.
  private(set) var value: UInt64 = 0xcbf2_9ce4_8422_2325

  init() {}

  /// The sum of some bytes.
  init(of bytes: Data) { add(bytes) }

  /// Adds a word.
  mutating func add(_ word: UInt64) { value = (value ^ word) &* 0x100_0000_01b3 }

  /// Adds bytes, the last word filled up with zeros, and their number.
  mutating func add(_ bytes: Data) {
    var sum = value
    unsafe bytes.withUnsafeBytes { source in
      let words = source.count / 8
      for word in 0..<words {
        let bits = unsafe source.loadUnaligned(fromByteOffset: 8 * word, as: UInt64.self)
        sum = (sum ^ UInt64(littleEndian: bits)) &* 0x100_0000_01b3
      }
      var last: UInt64 = 0
      for place in 8 * words..<source.count {
        last |= UInt64(unsafe source[place]) << (8 * UInt64(place - 8 * words))
      }
      sum = (sum ^ last) &* 0x100_0000_01b3
    }
    value = sum
    add(UInt64(bytes.count))
  }

  /// Adds a text.
  mutating func add(_ text: String) { add(Data(text.utf8)) }
}
