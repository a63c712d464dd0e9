import Foundation

/// The kinds of files that Spider reads, told apart by content.
public enum FileKind: Equatable, Sendable {
  /// A PNG picture.
  case picture
  /// A JSON object.
  case json
  /// Tensors with a header.
  case safetensors
  /// Whatever else there is; only NIfTI has a right to be it.
  case other

  /// Looks at the first bytes of a file.
  ///
  /// - Throws: ``FileError`` when there is no regular file to read.
  public static func of(_ url: URL) throws(FileError) -> FileKind {
    _ = try InputFile.size(of: url)
    let start: [UInt8]
    do {
      start = Array(try FileHandle(forReadingFrom: url).read(upToCount: 64) ?? Data())
    } catch {
      throw .unreadable(url, reason: error.localizedDescription)
    }
    if start.starts(with: [0x89, 0x50, 0x4E, 0x47]) { return .picture }
    // A length of 64 bits, then a JSON header.
    if start.count > 8, start[8] == UInt8(ascii: "{"), start[5...7] == [0, 0, 0] {
      return .safetensors
    }
    let visible = start.first { ![0x20, 0x09, 0x0A, 0x0D].contains($0) }
    return visible == UInt8(ascii: "{") ? .json : .other
  }
}
