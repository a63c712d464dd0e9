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
