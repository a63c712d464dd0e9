import Foundation
import SpiderImaging

/// The tensors of a safetensors file whose types Spider itself does not read: F64 and U8.
struct RawTensors {
  private let entries: [String: (type: String, shape: [Int], bytes: Data)]

  init(_ url: URL) throws {
    let data = try Data(contentsOf: url)
    guard data.count >= 8 else { throw GoldenSet.Fault("\(url.lastPathComponent) is cut short") }
    let length = (0..<8).reduce(0) { $0 | Int(data[$1]) << (8 * $1) }
    let header = try JSONSerialization.jsonObject(with: data[8..<8 + length]) as? [String: Any]
    entries = (header ?? [:]).compactMapValues { entry in
      guard let entry = entry as? [String: Any], let type = entry["dtype"] as? String,
        let shape = entry["shape"] as? [Int], let offsets = entry["data_offsets"] as? [Int]
      else { return nil }
      return (type, shape, data[8 + length + offsets[0]..<8 + length + offsets[1]])
    }
  }

  var names: [String] { entries.keys.sorted() }

  func shape(_ name: String) -> [Int]? { entries[name]?.shape }

  /// The numbers of a tensor; nil when there is none of the name, or it is of another type.
  func values(_ name: String) -> [Double]? {
    guard let entry = entries[name] else { return nil }
    let bytes = Array(entry.bytes)
    func words<Word: FixedWidthInteger>(_ type: Word.Type) -> [Word] {
      let size = Word.bitWidth / 8
      return (0..<bytes.count / size).map { index in
        (0..<size).reduce(Word(0)) { $0 | Word(bytes[index * size + $1]) << (8 * $1) }
      }
    }
    switch entry.type {
    case "F64": return words(UInt64.self).map { Double(bitPattern: $0) }
    case "F32": return words(UInt32.self).map { Double(Float(bitPattern: $0)) }
    case "U8": return bytes.map(Double.init)
    default: return nil
    }
  }
}
