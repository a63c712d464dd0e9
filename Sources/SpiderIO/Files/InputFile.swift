import Foundation

/// Checks made before any file from outside is opened.
enum InputFile {
  /// The size in bytes of a regular file.
  ///
  /// Folders, pipes and devices are refused: they would block or never end.
  static func size(of url: URL) throws(FileError) -> Int {
    let path = url.resolvingSymlinksInPath().path
    guard let attributes = try? FileManager.default.attributesOfItem(atPath: path) else {
      throw .missing(url)
    }
    let type = attributes[.type] as? FileAttributeType
    guard type != .typeDirectory else { throw .isFolder(url) }
    guard type == .typeRegular, let size = (attributes[.size] as? NSNumber)?.intValue else {
      throw .notAFile(url)
    }
    return size
  }

  /// The whole content of a regular file of at most `limit` bytes.
  static func content(of url: URL, limit: Int, what: String) throws(FileError) -> Data {
    let size = try size(of: url)
    guard size <= limit else {
      throw .tooLarge(
        url, fault: "\(size) bytes; \(what) has at most \(limit)", remedy: "give \(what)")
    }
    do {
      return try Data(contentsOf: url)
    } catch {
      throw .unreadable(url, reason: error.localizedDescription)
    }
  }

  /// Names the kind of a file by its first bytes, for errors: "a PNG picture", "a DICOM file"...
  ///
  /// For the kinds that are read elsewhere or not at all, ``ForeignFormat`` knows what to do.
  static func kind(of bytes: [UInt8]) -> String {
    if bytes.isEmpty { return "an empty file" }
    if let picture = PictureFormat(startingWith: bytes) { return "a \(picture.rawValue) picture" }
    if let foreign = ForeignFormat(startingWith: bytes) { return foreign.name }
    if bytes.starts(with: [0x50, 0x4B, 0x03, 0x04]) { return "a ZIP archive" }
    if bytes.starts(with: [0x1F, 0x8B]) { return "a gzip file" }
    if bytes.first == UInt8(ascii: "{") { return "a JSON file" }
    return unknownKind
  }

  static let unknownKind = "a file of unknown kind"
}

/// The kinds of files that Spider reads, told apart by content.
package enum FileKind: Equatable, Sendable {
  /// A PNG, JPEG or TIFF picture.
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
  package static func of(_ url: URL) throws(FileError) -> FileKind {
    _ = try InputFile.size(of: url)
    let start: [UInt8]
    do {
      start = Array(try FileHandle(forReadingFrom: url).read(upToCount: 64) ?? Data())
    } catch {
      throw .unreadable(url, reason: error.localizedDescription)
    }
    if PictureFormat(startingWith: start) != nil { return .picture }
    // A length of 64 bits, then a JSON header.
    if start.count > 8, start[8] == UInt8(ascii: "{"), start[5...7] == [0, 0, 0] {
      return .safetensors
    }
    let visible = start.first { ![0x20, 0x09, 0x0A, 0x0D].contains($0) }
    return visible == UInt8(ascii: "{") ? .json : .other
  }
}

/// The endings of file names, where ".nii.gz" is one ending.
enum FileEnding {
  /// The endings of images Spider reads, longer ones first.
  static let images = [
    ".nii.gz", ".hdr.gz", ".img.gz", ".nii", ".hdr", ".img", ".png", ".jpeg", ".jpg", ".tiff",
    ".tif",
  ]

  /// The path without its ending, if it has one of `endings`, in capitals or not.
  static func stem(of url: URL, endings: [String]) -> String? {
    let path = url.path
    let lower = path.lowercased()
    guard let ending = endings.first(where: { lower.hasSuffix($0) }) else { return nil }
    return String(path.dropLast(ending.count))
  }
}
