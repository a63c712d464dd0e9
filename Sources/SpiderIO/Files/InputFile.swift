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
    guard attributes[.type] as? FileAttributeType == .typeRegular,
      let size = (attributes[.size] as? NSNumber)?.intValue
    else { throw .notAFile(url) }
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

  /// What the first bytes of a file look like, for errors: "a PNG picture", "a DICOM file"...
  static func kind(of bytes: [UInt8]) -> String {
    func starts(with prefix: [UInt8]) -> Bool { bytes.starts(with: prefix) }
    if bytes.isEmpty { return "an empty file" }
    if starts(with: [0x89, 0x50, 0x4E, 0x47]) { return "a PNG picture" }
    if starts(with: [0xFF, 0xD8, 0xFF]) { return "a JPEG picture" }
    if starts(with: [0x50, 0x4B, 0x03, 0x04]) { return "a ZIP archive" }
    if starts(with: [0x1F, 0x8B]) { return "a gzip file" }
    if starts(with: Array("NRRD".utf8)) { return "an NRRD file" }
    if starts(with: [0, 0, 0, 1]) { return "a FreeSurfer MGH file" }
    if bytes.count >= 132, Array(bytes[128..<132]) == Array("DICM".utf8) { return "a DICOM file" }
    if let first = bytes.first, first == UInt8(ascii: "{") { return "a JSON file" }
    return "a file of unknown kind"
  }
}
