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
