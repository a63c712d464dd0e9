import SpiderCore
import SpiderIO
import SpiderTestSupport
import Testing

/// What people bring in formats that are not read: named, with what to do, wherever it is brought.
@Suite struct ForeignFormatTests {
  private static let kinds: [(name: String, start: [UInt8], remedy: String)] = [
    ("DICOM", [UInt8](repeating: 0, count: 128) + Array("DICM".utf8), "dcm2niix"),
    ("MetaImage", Array("ObjectType = Image\nNDims = 3\n".utf8), "convert it to NIfTI"),
    ("MetaImage", Array("NDims = 3\nDimSize = 4 4 4\n".utf8), "convert it to NIfTI"),
    ("NRRD", Array("NRRD0004\n# Complete\n".utf8), "convert it to NIfTI"),
    ("FreeSurfer MGH", [0, 0, 0, 1, 0, 0, 1, 0], "mri_convert"),
    ("BMP", Array("BM".utf8) + [0x36, 0, 0, 0], "save it as a PNG"),
    ("GIF", Array("GIF89a".utf8), "save it as a PNG"),
    ("WebP", Array("RIFF".utf8) + [9, 0, 0, 0] + Array("WEBPVP8 ".utf8), "save it as a PNG"),
    ("HEIC", [0, 0, 0, 0x18] + Array("ftypheic".utf8), "save it as a PNG"),
    ("AVIF", [0, 0, 0, 0x18] + Array("ftypavif".utf8), "save it as a PNG"),
    ("JPEG 2000", [0, 0, 0, 12] + Array("jP  \r\n".utf8), "save it as a PNG"),
    ("PDF", Array("%PDF-1.7".utf8), "save it as a PNG"),
    ("unknown kind", [9, 8, 7, 6, 5], "RAW"),
  ]

  @Test func eachIsNamedWithARemedy() throws {
    let folder = try TemporaryFolder()
    for kind in Self.kinds {
      let url = try folder.file("a.nii", kind.start + [UInt8](repeating: 3, count: 600))
      for read in [
        { _ = try NIfTI.readVolume(url) }, { _ = try NIfTI.readLabels(url) },
        { _ = try RadiographFile.read(image: url) }, { _ = try GreyPicture.read(url) },
      ] {
        #expect {
          try read()
        } throws: {
          "\($0)".contains(kind.name) && "\($0)".contains(kind.remedy)
        }
      }
    }
  }

  @Test func picturesAreNoVolumes() throws {
    let folder = try TemporaryFolder()
    for (name, word) in [("grey", "a JPEG picture"), ("TIFF raw", "a TIFF picture")] {
      let url = try folder.file("a.nii", WrittenPicture.named(name))
      #expect {
        try NIfTI.readVolume(url)
      } throws: {
        "\($0)".contains(word)
      }
      #expect(try FileKind.of(url) == .picture)
    }
  }

  @Test func aFolderHasAWordOfItsOwn() throws {
    let folder = try TemporaryFolder()
    #expect(throws: FileError.isFolder(folder.url)) { try RadiographFile.read(image: folder.url) }
    #expect("\(FileError.isFolder(folder.url))".contains("this is a folder"))
  }
}
