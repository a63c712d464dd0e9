import Foundation
import SpiderImaging

extension SafetensorsFile {
  /// The treatment of tensors of types other than F32, F16 and BF16.
  public enum OtherTypes: Sendable {
    /// Refuse the file, naming tensor and type.
    case refuse
    /// Leave them out and list them in ``SafetensorsFile/skipped``: right for weights of PyTorch,
    /// where integer counters lie beside the parameters.
    case skip
  }

  /// No header of a real model is larger: some hundred thousand tensors.
  private static let largestHeader = 16 << 20

  /// Reads a file.
  ///
  /// - Throws: ``FileError`` when the file is cut short, its header is no valid JSON of the format,
  ///   its tensors overlap, leave gaps or do not have the size their shape says.
  public static func read(
    _ url: URL, otherTypes: OtherTypes = .refuse
  ) throws(FileError) -> SafetensorsFile {
    let size = try InputFile.size(of: url)
    let data: Data
    do {
      data = try Data(contentsOf: url)
    } catch {
      throw .unreadable(url, reason: error.localizedDescription)
    }
    guard size >= 8, data.count == size else {
      throw .truncated(url, expected: 8, found: data.count)
    }
    let length = data.prefix(8).reversed().reduce(UInt64(0)) { $0 << 8 | UInt64($1) }
    // Other files too may begin with a number that is no larger; a header begins with a brace.
    let isHeader = size == 8 || data[8] == UInt8(ascii: "{")
    guard length > 0, isHeader, length <= UInt64(largestHeader) || length < UInt64(size) else {
      throw .unknownFormat(
        url, expected: "a safetensors file", found: InputFile.kind(of: Array(data.prefix(132))))
    }
    guard length <= UInt64(largestHeader) else {
      throw .tooLarge(
        url, fault: "its header has \(length) bytes; that of a model has at most \(largestHeader)",
        remedy: "get the file again")
    }
    let start = 8 + Int(length)
    guard start <= size else { throw .truncated(url, expected: start, found: size) }
    let header: SafetensorsHeader
    do {
      header = try JSONDecoder().decode(SafetensorsHeader.self, from: data[8..<start])
    } catch {
      throw .corrupt(url, fault: "its header is not the JSON of the format")
    }
    return try build(header, data[start...], url, otherTypes)
  }

  private static func build(
    _ header: SafetensorsHeader, _ content: Data, _ url: URL, _ otherTypes: OtherTypes
  ) throws(FileError) -> SafetensorsFile {
    var tensors: [NamedTensor] = []
    var skipped: [String] = []
    var sums: [String: UInt64] = [:]
    let stated = header.metadata[Self.checksumKey]
    for (name, entry) in try header.ordered(fillingBytes: content.count, of: url) {
      guard let type = SafetensorsType(rawValue: entry.dtype) else {
        guard otherTypes == .skip else {
          throw .unsupported(
            url, fault: "tensor \(name) is of type \(entry.dtype); F32, F16 and BF16 are read",
            remedy: "convert it to one of these")
        }
        skipped.append(name)
        continue
      }
      let start = content.startIndex
      let bytes = content[start + entry.offsets[0]..<start + entry.offsets[1]]
      if stated != nil { sums[name] = ContentSum(of: bytes).value }
      tensors.append(NamedTensor(name: name, shape: entry.shape, values: type.decode(bytes)))
    }
    var file = SafetensorsFile(
      metadata: header.metadata, tensors: tensors.sorted { $0.name < $1.name })
    file.metadata[Self.checksumKey] = nil
    file.skipped = skipped.sorted()
    if let stated {
      guard stated == file.checksum(sums) else {
        throw .corrupt(url, fault: "its content does not agree with its checksum: it is damaged")
      }
      file.isChecksummed = true
    }
    return file
  }
}

extension SafetensorsType {
  /// The numbers in some little-endian bytes.
  func decode(_ bytes: Data) -> [Float] {
    let count = bytes.count / size
    return unsafe bytes.withUnsafeBytes { source in
      switch self {
      case .float32:
        return (0..<count).map {
          Float(
            bitPattern: UInt32(
              littleEndian: unsafe source.loadUnaligned(fromByteOffset: 4 * $0, as: UInt32.self)))
        }
      case .float16, .bfloat16:
        return (0..<count).map {
          let half = UInt16(
            littleEndian: unsafe source.loadUnaligned(fromByteOffset: 2 * $0, as: UInt16.self))
          // BF16 is the upper half of a Float.
          return self == .bfloat16
            ? Float(bitPattern: UInt32(half) << 16) : Float(Float16(bitPattern: half))
        }
      }
    }
  }
}

/// The JSON header of a safetensors file, decoded but not yet believed.
struct SafetensorsHeader: Decodable {
  struct Entry: Decodable {
    let dtype: String
    let shape: [Int]
    let offsets: [Int]

    enum CodingKeys: String, CodingKey {
      case dtype, shape
      case offsets = "data_offsets"
    }
  }

  private(set) var metadata: [String: String] = [:]
  private(set) var entries: [String: Entry] = [:]

  private struct Name: CodingKey {
    let stringValue: String
    var intValue: Int? { nil }
    init(stringValue: String) { self.stringValue = stringValue }
    init?(intValue: Int) { nil }
  }

  init(from decoder: any Decoder) throws {
    let container = try decoder.container(keyedBy: Name.self)
    for key in container.allKeys {
      if key.stringValue == "__metadata__" {
        metadata = try container.decode([String: String].self, forKey: key)
      } else {
        entries[key.stringValue] = try container.decode(Entry.self, forKey: key)
      }
    }
  }

  /// The entries in the order of their data, after checking that they fill `size` bytes without
  /// holes or overlaps, each exactly as large as its shape and type say.
  func ordered(fillingBytes size: Int, of url: URL) throws(FileError) -> [(String, Entry)] {
    let sorted = entries.sorted { a, b in
      (a.value.offsets.first ?? 0, a.value.offsets.last ?? 0, a.key)
        < (b.value.offsets.first ?? 0, b.value.offsets.last ?? 0, b.key)
    }
    var position = 0
    for (name, entry) in sorted {
      guard entry.offsets.count == 2, let begin = entry.offsets.first, let end = entry.offsets.last,
        begin >= 0, begin <= end, end <= size
      else {
        throw .corrupt(url, fault: "tensor \(name) lies at \(entry.offsets) of \(size) bytes")
      }
      guard begin == position else {
        let fault = begin < position ? "overlaps another" : "leaves a gap before it"
        throw .corrupt(url, fault: "tensor \(name) \(fault)")
      }
      if let bytes = SafetensorsType(rawValue: entry.dtype)?.size {
        guard
          try Self.count(entry.shape, name, url).multipliedReportingOverflow(by: bytes)
            == (end - begin, false)
        else {
          throw .corrupt(
            url,
            fault:
              "tensor \(name) of shape \(entry.shape) has \(end - begin) bytes of \(entry.dtype)"
          )
        }
      }
      position = end
    }
    guard position == size else {
      throw .corrupt(url, fault: "\(size - position) bytes at its end belong to no tensor")
    }
    return sorted.map { ($0.key, $0.value) }
  }

  private static func count(_ shape: [Int], _ name: String, _ url: URL) throws(FileError) -> Int {
    var count = 1
    for axis in shape {
      let (product, overflow) = count.multipliedReportingOverflow(by: axis)
      guard axis >= 0, !overflow else {
        throw .corrupt(url, fault: "tensor \(name) has the shape \(shape)")
      }
      count = product
    }
    return count
  }
}

/// The number types of tensors that Spider reads, by their names in the format.
enum SafetensorsType: String {
  case float32 = "F32"
  case float16 = "F16"
  case bfloat16 = "BF16"

  /// Bytes per number.
  var size: Int { self == .float32 ? 4 : 2 }
}
