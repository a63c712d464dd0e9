import Foundation
import SpiderCore
import SpiderDICOM
import SpiderIO
import SpiderTestSupport
import Testing

/// Files that claim what they do not hold are refused before memory is taken, and nothing says whose
/// images they are.
@Suite struct DICOMFaultTests {
  private func fault(_ name: String) -> String {
    Truth.message { try Truth.xray("faulty/\(name).dcm") }
  }

  @Test func giantClaimsAreRefused() {
    #expect(fault("giant").contains("claims 65535 x 65535"))
    // Within the limit of pixels, but not of what the file can hold.
    #expect(fault("giant_rle").contains("damaged"))
    #expect(fault("giant_jpeg_ls").contains("are 24 x 16, but its header says 8000 x 8000"))
    let frames = Truth.message { try VolumeSource.load(Truth.file("faulty/many_frames.dcm")) }
    #expect(frames.contains("cut short"), "\(frames)")
    let small = NIfTIReadOptions(maxVoxels: 100)
    #expect(
      Truth.message { try VolumeSource.load(Truth.file("ct/straight"), options: small) }
        .contains("limit"))
  }

  @Test func cutFilesAreRefused() {
    #expect(fault("cut").contains("cut short"))
    #expect(fault("cut_header").contains("cut short"))
    #expect(fault("preamble_only").contains("DICOM without a Transfer Syntax UID (0002,0010)"))
  }

  @Test func framesThatAreNotWellFormedNeverReachTheDecoder() throws {
    let folder = try TemporaryFolder()
    let whole = [UInt8](try Data(contentsOf: Truth.file("syntax/jpeg_baseline.dcm")))
    let table = try #require(whole.indices.first { whole[$0...].starts(with: [0xFF, 0xC4, 0]) })
    // A table that is longer than it says: GDCM would end the program for what then stands between two
    // segments. And a frame without its end.
    var between = whole
    between[table + 3] -= 1
    let end = try #require(whole.indices.last { whole[$0...].starts(with: [0xFF, 0xD9]) })
    var endless = whole
    endless[end + 1] = 0
    for bytes in [between, endless] {
      let file = try folder.file("x.dcm", bytes)
      #expect(
        Truth.message { try RadiographSource.read(ViewSpecification(view: nil, image: file)) }
          .contains("cut short or no such frame"))
    }
  }

  @Test func everyPrefixOfAFileIsRefused() throws {
    let folder = try TemporaryFolder()
    for name in ["syntax/jpeg_ls.dcm", "ct/enhanced.dcm"] {
      let whole = [UInt8](try Data(contentsOf: Truth.file(name)))
      for length in stride(from: 0, to: whole.count - 1, by: max(1, whole.count / 150)) {
        let file = try folder.file("cut.dcm", Array(whole[..<length]))
        #expect(throws: (any Error).self, "\(name), \(length) bytes") {
          if name.hasPrefix("ct") {
            _ = try VolumeSource.load(file)
          } else {
            _ = try RadiographSource.read(ViewSpecification(view: nil, image: file))
          }
        }
      }
    }
  }

  @Test func nothingSaysWhoseImagesTheyAre() throws {
    let marks = ["marked", "MARKED", "19011213"]
    var texts: [String] = []
    for file in Truth.allFiles {
      // The mark is there to be found.
      let bytes = try Data(contentsOf: file)
      if !file.path.contains("deflated"), !file.path.contains("faulty") {
        #expect(bytes.range(of: Data("Markedname".utf8)) != nil, "\(file.lastPathComponent)")
      }
      for view in [nil, NamedView.pa, .left] {
        let result = Result {
          try RadiographSource.read(ViewSpecification(view: view, image: file))
        }
        texts.append((try? result.get().notes.joined()) ?? "\(result)")
      }
    }
    for name in try FileManager.default.contentsOfDirectory(atPath: Truth.file("ct").path) {
      let result = Result { try VolumeSource.load(Truth.file("ct/\(name)")) }
      texts.append((try? result.get().notes.joined()) ?? "\(result)")
      if let summary = try? DICOMSummary.of(Truth.file("ct/\(name)")) {
        texts.append(String(decoding: try JSONEncoder().encode(summary), as: UTF8.self))
      }
    }
    for file in Truth.allFiles {
      guard let summary = try? DICOMSummary.of(file) else { continue }
      texts.append(String(decoding: try JSONEncoder().encode(summary), as: UTF8.self))
      texts.append("\(summary.facts)")
    }
    #expect(texts.count > 150)
    for text in texts {
      for mark in marks { #expect(!text.contains(mark), "\(text)") }
    }
  }
}
