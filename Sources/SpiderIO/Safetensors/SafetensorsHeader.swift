import Foundation

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

  /// Bytes a number.
  var size: Int { self == .float32 ? 4 : 2 }
}
