import Foundation
import SpiderCore

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
