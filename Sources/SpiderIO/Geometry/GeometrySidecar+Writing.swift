import Foundation
import SpiderCore

extension GeometrySidecar {
  /// The explicit form as JSON text; numbers are written so that they read back the same.
  public var json: String {
    func list(_ vector: Vector3) -> String { "[\(vector.x), \(vector.y), \(vector.z)]" }
    var lines = ["\"schema\": \"\(Self.schema)\""]
    switch geometry.beam {
    case .cone(let source):
      lines += ["\"beam\": \"cone\"", "\"source_mm\": \(list(source))"]
    case .parallel(let direction):
      lines += ["\"beam\": \"parallel\"", "\"direction\": \(list(direction))"]
    }
    lines += [
      "\"pixel_origin_mm\": \(list(geometry.pixelOrigin))",
      "\"column_step_mm\": \(list(geometry.columnStep))",
      "\"row_step_mm\": \(list(geometry.rowStep))",
      "\"columns\": \(geometry.columns)", "\"rows\": \(geometry.rows)",
    ]
    if let isocenter = geometry.isocenter { lines.append("\"isocenter_mm\": \(list(isocenter))") }
    if let intensity { lines.append("\"intensity\": \"\(intensity.rawValue)\"") }
    if let openPixels { lines.append("\"\(Self.openPixelsKey)\": \(Self.json(openPixels))") }
    return "{\n  \(lines.joined(separator: ",\n  "))\n}\n"
  }

  /// Writes the explicit form.
  ///
  /// - Throws: ``FileError``; then no file has appeared and none has changed.
  public func write(to url: URL, overwrite: Bool = false) throws(FileError) {
    try AtomicFile.write(Data(json.utf8), to: url, overwrite: overwrite)
  }
}
