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
      throw .unsupported(url, fault: "it is no label scheme: \(fault)", remedy: "correct the file")
    }
    return scheme
  }

  /// Reads a table of label names that is to be used with a scheme.
  ///
  /// - Throws: ``FileError`` when the file is missing, no JSON or does not fit the scheme.
  public static func names(_ url: URL, for scheme: LabelScheme) throws(FileError) -> LabelNames {
    let names: LabelNames = try read(url, expected: "a table of label names")
    if let fault = names.fault(for: scheme) {
      throw .unsupported(
        url, fault: "it is no table of label names: \(fault)", remedy: "correct the file")
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
      return path.isEmpty
        ? "JSON of another form" : "JSON whose \"\(path)\" is of the wrong kind"
    default: return "no JSON"
    }
  }
}

/// The names and colours of labels as other programs read them beside a label map.
public enum LabelTable {
  /// A program's format.
  public enum Format: String, CaseIterable, Sendable {
    /// ITK-SNAP's label descriptions.
    case txt
    /// 3D Slicer's colour table.
    case ctbl
  }

  /// The format that a name's ending says; nil for other endings.
  public static func format(of url: URL) -> Format? {
    Format(rawValue: url.pathExtension.lowercased())
  }

  /// Writes the classes of a scheme, and the labels of what is unknown or outside the scan.
  ///
  /// - Throws: ``FileError``; then no file has appeared and none has changed.
  public static func write(
    _ scheme: LabelScheme, to url: URL, overwrite: Bool = false
  ) throws(FileError) {
    guard let format = format(of: url) else {
      throw .notStorable(
        url, fault: "a label table has a name ending in .txt (ITK-SNAP) or .ctbl (3D Slicer)",
        remedy: "name it so")
    }
    try AtomicFile.write(Data(text(scheme, format).utf8), to: url, overwrite: overwrite)
  }

  private static func text(_ scheme: LabelScheme, _ format: Format) -> String {
    let labels =
      scheme.classes.enumerated().map { (UInt8($0.offset), $0.element) }
      + [(LabelScheme.outsideScan, "outside_scan"), (LabelScheme.unknown, "unknown")]
    var lines =
      format == .txt
      ? ["# ITK-SNAP label descriptions: index, red, green, blue, alpha, visible, mesh, name"]
      : ["# 3D Slicer colour table: index, name, red, green, blue, alpha"]
    for (value, name) in labels {
      let color = LabelScheme.color(of: value)
      let isShown = value != 0 && value != LabelScheme.outsideScan
      switch format {
      case .txt:
        let (alpha, shown) = (value == 0 ? 0 : 1, isShown ? 1 : 0)
        lines.append(
          "\(value) \(color.x) \(color.y) \(color.z) \(alpha) \(shown) \(shown) \"\(name)\"")
      case .ctbl:
        // Names end at a blank.
        let word = name.replacingOccurrences(of: " ", with: "_")
        lines.append("\(value) \(word) \(color.x) \(color.y) \(color.z) \(isShown ? 255 : 0)")
      }
    }
    return lines.joined(separator: "\n") + "\n"
  }
}
