import Foundation
import SpiderCore

/// Label schemes and tables of label names as JSON files.
public enum LabelFiles {
  /// Reads a scheme.
  ///
  /// - Throws: ``FileError`` when the file is missing, no JSON or no sound scheme.
  public static func scheme(_ url: URL) throws(FileError) -> LabelScheme {
    let scheme: LabelScheme = try read(url, expected: "a label scheme")
    if let fault = scheme.fault {
      throw .corrupt(url, fault: "it is no label scheme: \(fault)")
    }
    return scheme
  }

  /// Reads a table of label names that is to be used with a scheme.
  ///
  /// - Throws: ``FileError`` when the file is missing, no JSON or does not fit the scheme.
  public static func names(_ url: URL, for scheme: LabelScheme) throws(FileError) -> LabelNames {
    let names: LabelNames = try read(url, expected: "a table of label names")
    if let fault = names.fault(for: scheme) {
      throw .corrupt(url, fault: "it is no table of label names: \(fault)")
    }
    return names
  }

  /// No table is longer; what is, is no table.
  private static let largest = 1 << 20

  private static func read<Value: Decodable>(
    _ url: URL, expected: String
  ) throws(FileError) -> Value {
    guard FileManager.default.fileExists(atPath: url.path) else { throw .missing(url) }
    let attributes = try? FileManager.default.attributesOfItem(atPath: url.path)
    guard
      attributes?[.type] as? FileAttributeType == .typeRegular
        || attributes?[.type] as? FileAttributeType == .typeSymbolicLink
    else { throw .notAFile(url) }
    let data: Data
    do {
      data = try Data(contentsOf: url)
    } catch {
      throw .unreadable(url, reason: error.localizedDescription)
    }
    guard data.count <= largest else {
      throw .unknownFormat(url, expected: expected, found: "a file of \(data.count) bytes")
    }
    do {
      return try JSONDecoder().decode(Value.self, from: data)
    } catch {
      throw .unknownFormat(url, expected: "\(expected) (JSON)", found: Self.words(error))
    }
  }

  private static func words(_ error: any Error) -> String {
    switch error as? DecodingError {
    case .keyNotFound(let key, _): return "JSON without the key \"\(key.stringValue)\""
    case .typeMismatch(_, let context), .valueNotFound(_, let context):
      let path = context.codingPath.map(\.stringValue).joined(separator: ".")
      return "JSON whose \"\(path)\" is of the wrong kind"
    default: return "no JSON"
    }
  }
}
