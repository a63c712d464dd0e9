import Foundation

/// The 64-bit FNV-1a checksum of a file's bytes: it finds damage, not malice.
package enum Checksum {
  /// The checksum with its name before it.
  package static func of(_ data: Data) -> String {
    var hash: UInt64 = 0xcbf2_9ce4_8422_2325
    // An array: the loop over Data itself is several times as slow.
    for byte in [UInt8](data) { hash = (hash ^ UInt64(byte)) &* 0x100_0000_01b3 }
    return "fnv1a64:" + String(hash, radix: 16)
  }

  /// That of a value's JSON, keys in order.
  package static func of(encoding value: some Encodable) throws -> String {
    let encoder = JSONEncoder()
    encoder.outputFormatting = .sortedKeys
    return of(try encoder.encode(value))
  }
}
