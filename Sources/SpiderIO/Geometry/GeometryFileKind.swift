import Foundation

/// The kinds of files that say how an X-ray is taken, told apart by their first visible character.
public enum GeometryFileKind: Sendable {
  /// Spider's own JSON.
  case sidecar
  /// RTK's XML.
  case rtk
  /// Twelve numbers.
  case matrix

  /// Looks at the beginning of a file.
  ///
  /// - Throws: ``FileError`` when there is no regular file to read.
  public static func of(_ url: URL) throws(FileError) -> GeometryFileKind {
    switch try FileKind.of(url) {
    case .json: return .sidecar
    case .picture, .safetensors:
      throw .unknownFormat(
        url, expected: "a geometry: Spider's (JSON), RTK's (XML) or a 3x4 matrix (text)",
        found: "another kind of file")
    case .other:
      let start = (try? FileHandle(forReadingFrom: url).read(upToCount: 64)) ?? Data()
      let visible = start.first { ![0x20, 0x09, 0x0A, 0x0D, 0xEF, 0xBB, 0xBF].contains($0) }
      return visible == UInt8(ascii: "<") ? .rtk : .matrix
    }
  }
}
