import Foundation
import SpiderCore

/// Takes the values of a JSON object key by key, with errors that name file and key.
struct JSONObjectReader {
  let url: URL
  private let values: [String: JSONValue]

  /// Reads a file whose top level is an object.
  init(_ url: URL, limit: Int = 1 << 20, what: String) throws(FileError) {
    self.url = url
    let data = try InputFile.content(of: url, limit: limit, what: what)
    let value: JSONValue
    do {
      value = try JSONDecoder().decode(JSONValue.self, from: data)
    } catch {
      throw .unknownFormat(
        url, expected: what, found: data.isEmpty ? "an empty file" : "no valid JSON")
    }
    guard case .object(let values) = value else {
      throw .unknownFormat(url, expected: what, found: "JSON that is no object")
    }
    self.values = values
  }

  private init(_ url: URL, values: [String: JSONValue]) {
    self.url = url
    self.values = values
  }

  /// The objects of a list, each to be read in its turn.
  func objects(_ key: String) throws(FileError) -> [JSONObjectReader] {
    let value = try value(key)
    guard case .list(let items) = value else { throw wrong(key, value, "a list of objects") }
    var result: [JSONObjectReader] = []
    for item in items {
      guard case .object(let values) = item else { throw wrong(key, item, "a list of objects") }
      result.append(JSONObjectReader(url, values: values))
    }
    return result
  }

  /// Whether a key is there.
  func has(_ key: String) -> Bool { values[key] != nil }

  /// Refuses keys other than these: a misspelt optional key must not go unnoticed.
  func allowOnly(_ keys: [String]) throws(FileError) {
    guard let unknown = values.keys.sorted().first(where: { !keys.contains($0) }) else { return }
    throw .badValue(
      url, key: unknown, fault: "is not known here; known are \(keys.joined(separator: ", "))")
  }

  func text(_ key: String) throws(FileError) -> String {
    let value = try value(key)
    guard case .text(let text) = value else { throw wrong(key, value, "text") }
    return text
  }

  func number(_ key: String) throws(FileError) -> Double {
    let value = try value(key)
    guard case .number(let number) = value, number.isFinite else {
      throw wrong(key, value, "a finite number")
    }
    return number
  }

  func positive(_ key: String) throws(FileError) -> Double {
    let number = try number(key)
    guard number > 0 else {
      throw .badValue(url, key: key, fault: "is \(number); it must be positive")
    }
    return number
  }

  /// A whole number from 1 to `limit`.
  func count(_ key: String, limit: Int) throws(FileError) -> Int {
    let number = try number(key)
    guard let count = Int(exactly: number), count >= 1, count <= limit else {
      throw .badValue(
        url, key: key, fault: "is \(number); it must be a whole number from 1 to \(limit)")
    }
    return count
  }

  func numbers(_ key: String, _ count: Int) throws(FileError) -> [Double] {
    let value = try value(key)
    let wanted = "a list of \(count) finite numbers"
    guard case .list(let items) = value, items.count == count else {
      throw wrong(key, value, wanted)
    }
    var result: [Double] = []
    for item in items {
      guard case .number(let number) = item, number.isFinite else {
        throw wrong(key, value, wanted)
      }
      result.append(number)
    }
    return result
  }

  /// A list of finite numbers, or a list of such lists; the former comes as the only one.
  func lists(_ key: String) throws(FileError) -> [[Double]] {
    let value = try value(key)
    let wanted = "a list of finite numbers, or of such lists"
    guard case .list(let items) = value, !items.isEmpty else { throw wrong(key, value, wanted) }
    var flat: [Double] = []
    var nested: [[Double]] = []
    for item in items {
      switch item {
      case .number(let number) where number.isFinite: flat.append(number)
      case .list(let inner):
        var numbers: [Double] = []
        for element in inner {
          guard case .number(let number) = element, number.isFinite else {
            throw wrong(key, value, wanted)
          }
          numbers.append(number)
        }
        nested.append(numbers)
      default: throw wrong(key, value, wanted)
      }
    }
    guard flat.isEmpty != nested.isEmpty, nested.count != 1 else { throw wrong(key, value, wanted) }
    return flat.isEmpty ? nested : [flat]
  }

  func vector(_ key: String) throws(FileError) -> Vector3 {
    let numbers = try numbers(key, 3)
    return Vector3(numbers[0], numbers[1], numbers[2])
  }

  private func value(_ key: String) throws(FileError) -> JSONValue {
    guard let value = values[key] else {
      throw .badValue(url, key: key, fault: "is missing")
    }
    return value
  }

  private func wrong(_ key: String, _ value: JSONValue, _ wanted: String) -> FileError {
    .badValue(url, key: key, fault: "is \(value.kind); it must be \(wanted)")
  }
}

/// Any JSON value, for files whose every key is checked by hand so that errors can name it.
enum JSONValue: Decodable {
  case null
  case bool(Bool)
  case number(Double)
  case text(String)
  case list([JSONValue])
  case object([String: JSONValue])

  init(from decoder: any Decoder) throws {
    let container = try decoder.singleValueContainer()
    if container.decodeNil() {
      self = .null
    } else if let value = try? container.decode(Bool.self) {
      self = .bool(value)
    } else if let value = try? container.decode(Double.self) {
      self = .number(value)
    } else if let value = try? container.decode(String.self) {
      self = .text(value)
    } else if let value = try? container.decode([JSONValue].self) {
      self = .list(value)
    } else {
      self = .object(try container.decode([String: JSONValue].self))
    }
  }

  /// The value's type, for errors.
  var kind: String {
    switch self {
    case .null: return "null"
    case .bool: return "true or false"
    case .number: return "a number"
    case .text: return "text"
    case .list: return "a list"
    case .object: return "an object"
    }
  }
}

/// Pieces of JSON text, for files whose bytes must be the same every time.
enum JSONText {
  /// A string with quotes, escaped where JSON asks for it.
  static func quoted(_ text: String) -> String {
    var result = "\""
    for scalar in text.unicodeScalars {
      switch scalar {
      case "\"": result += "\\\""
      case "\\": result += "\\\\"
      case "\n": result += "\\n"
      case "\r": result += "\\r"
      case "\t": result += "\\t"
      default:
        if scalar.value < 0x20 {
          let digits = String(scalar.value, radix: 16)
          result += "\\u" + String(repeating: "0", count: 4 - digits.count) + digits
        } else {
          result.unicodeScalars.append(scalar)
        }
      }
    }
    return result + "\""
  }
}
