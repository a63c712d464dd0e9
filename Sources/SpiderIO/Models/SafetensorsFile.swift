import Foundation
import SpiderImaging

/// The content of a `.safetensors` file: tensors by name and text metadata.
///
/// The format is 8 bytes with the length of a JSON header, the header, and the numbers of all tensors
/// one behind the other (huggingface.co/docs/safetensors). Reading trusts nothing in it; writing is
/// deterministic: equal content gives equal bytes.
public struct SafetensorsFile: Sendable, Equatable {
  /// Free text by key.
  public var metadata: [String: String]
  /// The tensors, sorted by name when they come from a file.
  public var tensors: [NamedTensor]
  /// Names of tensors that were left out on reading because their type is none of F32, F16, BF16.
  public internal(set) var skipped: [String] = []
  /// Whether the file it comes from had a checksum of its content, which agreed: all that this program
  /// writes have one.
  public internal(set) var isChecksummed = false

  /// Gathers content for a file; the names must differ.
  public init(metadata: [String: String] = [:], tensors: [NamedTensor]) {
    self.metadata = metadata
    self.tensors = tensors
  }

  /// The tensor of a name.
  public subscript(name: String) -> NamedTensor? { tensors.first { $0.name == name } }
}

/// A tensor as a file holds it: a name, a shape and its numbers, the last axis fastest.
public struct NamedTensor: Sendable, Equatable {
  /// Its name, the path of a property in the code of the network.
  public let name: String
  /// The counts along its axes; empty for a single number.
  public let shape: [Int]
  /// Its numbers, row-major.
  public let values: [Float]

  /// Builds a tensor; the number of values must be that of the shape.
  public init(name: String, shape: [Int], values: [Float]) {
    precondition(
      shape.allSatisfy { $0 >= 0 } && shape.reduce(1, *) == values.count,
      "\(values.count) values for the shape \(shape) of \(name)")
    self.name = name
    self.shape = shape
    self.values = values
  }
}

extension SafetensorsFile {
  /// The number type in the file.
  public enum Precision: String, Sendable {
    /// 32 bits, exactly as they are.
    case float32 = "F32"
    /// 16 bits: half the size, eleven significant bits.
    case float16 = "F16"
  }

  /// Writes a file, tensors sorted by name.
  ///
  /// - Throws: ``FileError``; ``FileError/notStorable(_:fault:remedy:)`` when a finite number is too
  ///   large for 16 bits. Then no file has appeared and none has changed.
  public func write(
    to url: URL, precision: Precision = .float32, overwrite: Bool = false
  ) throws(FileError) {
    let sorted = tensors.sorted { $0.name < $1.name }
    precondition(
      Set(sorted.map(\.name)).count == sorted.count, "two tensors have the same name")
    precondition(!sorted.contains { $0.name == "__metadata__" }, "a tensor named __metadata__")
    if precision == .float16 { try checkRange(sorted, url) }
    var sums: [String: UInt64] = [:]
    for tensor in sorted {
      sums[tensor.name] = ContentSum(of: precision.encode(tensor.values)).value
    }
    var content = self
    content.metadata[Self.checksumKey] = checksum(sums)
    let output = try AtomicFile(url, overwrite: overwrite)
    let header = content.header(of: sorted, precision)
    let length = UInt64(header.count)
    try output.append(Data((0..<8).map { UInt8(truncatingIfNeeded: length >> (8 * $0)) }))
    try output.append(header)
    for tensor in sorted { try output.append(precision.encode(tensor.values)) }
    try output.commit()
  }

  private func checkRange(_ tensors: [NamedTensor], _ url: URL) throws(FileError) {
    for tensor in tensors {
      guard let bad = tensor.values.first(where: { $0.isFinite && !Float16($0).isFinite }) else {
        continue
      }
      throw .notStorable(
        url, fault: "\(bad) in tensor \(tensor.name) does not fit 16 bits", remedy: "write float32")
    }
  }

  /// The JSON header, padded with spaces so that the numbers start at a multiple of 8 bytes.
  ///
  /// It is composed by hand because the order of its keys must not depend on Foundation.
  private func header(of sorted: [NamedTensor], _ precision: Precision) -> Data {
    var entries: [String] = []
    if !metadata.isEmpty {
      let pairs = metadata.sorted { $0.key < $1.key }
        .map { "\(JSONText.quoted($0.key)):\(JSONText.quoted($0.value))" }
      entries.append("\"__metadata__\":{\(pairs.joined(separator: ","))}")
    }
    let size = precision == .float32 ? 4 : 2
    var position = 0
    for tensor in sorted {
      let end = position + tensor.values.count * size
      let shape = tensor.shape.map(String.init).joined(separator: ",")
      entries.append(
        "\(JSONText.quoted(tensor.name)):{\"dtype\":\"\(precision.rawValue)\",\"shape\":[\(shape)],"
          + "\"data_offsets\":[\(position),\(end)]}")
      position = end
    }
    var text = Data("{\(entries.joined(separator: ","))}".utf8)
    text.append(Data(repeating: UInt8(ascii: " "), count: (8 - text.count % 8) % 8))
    return text
  }
}

extension SafetensorsFile.Precision {
  /// Numbers as little-endian bytes.
  func encode(_ values: [Float]) -> Data {
    switch self {
    case .float32:
      // No key path here: it would be walked anew for each of a hundred million numbers.
      let words = values.map { $0.bitPattern.littleEndian }
      return unsafe words.withUnsafeBytes { unsafe Data($0) }
    case .float16:
      let words = values.map { Float16($0).bitPattern.littleEndian }
      return unsafe words.withUnsafeBytes { unsafe Data($0) }
    }
  }
}

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
