import Foundation
import SpiderCore

/// Reads the parameters of an ``/SpiderCore/XrayInspector``: one safetensors file, under the names of the code's own
/// properties.
public enum InspectorFile {
  static let format = "spider.xray-inspector/1"

  /// Reads an inspector.
  ///
  /// - Throws: ``FileError`` when the file holds another network, or a parameter is missing, of another
  ///   shape, unknown or not a number.
  public static func read(_ url: URL) throws(FileError) -> XrayInspector {
    let file = try SafetensorsFile.read(url)
    guard file.metadata[ModelFile.formatKey] == format else {
      throw .unsupported(
        url, fault: "it holds no inspector of X-rays",
        remedy: "give a file whose \(ModelFile.formatKey) is \(format)")
    }
    try ParameterTensors.check(file, XrayInspector.layout, prefix: "", exactly: true, url)
    return XrayInspector(ParameterTensors.arena(file, XrayInspector.layout, prefix: ""))
  }
}
