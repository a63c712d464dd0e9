import Foundation

/// Checks made before any file from outside is opened.
package enum InputFile {
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
  package static func content(of url: URL, limit: Int, what: String) throws(FileError) -> Data {
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

/// The kinds of pictures that are read, told apart by their first bytes, never by a file's name.
enum PictureFormat: String {
  case png = "PNG"
  case jpeg = "JPEG"
  case tiff = "TIFF"

  /// Looks at the first bytes of a file; nil when it is no picture that is read.
  init?(startingWith bytes: some Collection<UInt8>) {
    func starts(_ prefix: [UInt8]) -> Bool { bytes.starts(with: prefix) }
    if starts([0x89, 0x50, 0x4E, 0x47]) {
      self = .png
    } else if starts([0xFF, 0xD8, 0xFF]) {
      self = .jpeg
    } else if starts([0x49, 0x49, 0x2A, 0]) || starts([0x4D, 0x4D, 0, 0x2A])
      || starts([0x49, 0x49, 0x2B, 0]) || starts([0x4D, 0x4D, 0, 0x2B])
    {
      // The second pair is BigTIFF.
      self = .tiff
    } else {
      return nil
    }
  }

  /// The text that a C library left in a buffer.
  static func text(_ message: [CChar]) -> String {
    String(decoding: message.prefix { $0 != 0 }.map(UInt8.init(bitPattern:)), as: UTF8.self)
  }
}

/// File formats that people bring and Spider does not read, with what to do about it.
struct ForeignFormat {
  /// The kind of file, with its article.
  let name: String
  /// What to do.
  let remedy: String

  /// Tells a format by its first bytes, 132 of them where there are so many.
  init?(startingWith bytes: [UInt8]) {
    guard let found = Self.signatures.first(where: { $0.fits(bytes) }) else { return nil }
    self = found.format
  }

  /// The format of a name.
  init?(named name: String) {
    guard let found = Self.signatures.first(where: { $0.format.name == name }) else { return nil }
    self = found.format
  }

  private init(_ name: String, _ remedy: String) {
    self.name = name
    self.remedy = remedy
  }

  private static let toPicture = "if it is an X-ray, save it as a PNG, JPEG or TIFF picture"
  private static let toNIfTI = "convert it to NIfTI, for example with SimpleITK or 3D Slicer"

  /// The bytes at one place by which a format is known.
  private struct Signature {
    let format: ForeignFormat
    let offset: Int
    let marks: [String]

    init(_ name: String, _ remedy: String, at offset: Int = 0, _ marks: String...) {
      format = ForeignFormat(name, remedy)
      self.offset = offset
      self.marks = marks
    }

    func fits(_ bytes: [UInt8]) -> Bool {
      let rest = bytes.dropFirst(offset)
      return marks.contains { rest.starts(with: $0.utf8) }
    }
  }

  private static let signatures = [
    Signature(
      "a DICOM file", "convert it to NIfTI, for example with dcm2niix", at: 128, "DICM"),
    Signature("a MetaImage file (MHA, MHD)", toNIfTI, "ObjectType", "NDims"),
    Signature("an NRRD file", toNIfTI, "NRRD"),
    Signature(
      "a FreeSurfer MGH file", "convert it to NIfTI, for example with mri_convert", "\0\0\0\u{1}"),
    Signature("a GIF picture", toPicture, "GIF8"),
    Signature("a WebP picture", toPicture, at: 8, "WEBP"),
    Signature(
      "a HEIC picture", toPicture, at: 4, "ftyphei", "ftyphev", "ftypmif1", "ftypmsf1"),
    Signature("an AVIF picture", toPicture, at: 4, "ftypavif", "ftypavis"),
    Signature("a JPEG 2000 picture", toPicture, at: 4, "jP  \r\n"),
    Signature("a PDF document", toPicture, "%PDF"),
    // The shortest mark, so the last.
    Signature("a BMP picture", toPicture, "BM"),
  ]
}

extension URL {
  /// Whether there is a folder at this path, or behind the link at it.
  package var isFolder: Bool {
    let attributes = try? FileManager.default.attributesOfItem(
      atPath: resolvingSymlinksInPath().path)
    return attributes?[.type] as? FileAttributeType == .typeDirectory
  }
}
