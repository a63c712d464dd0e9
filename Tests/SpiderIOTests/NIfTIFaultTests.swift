import Foundation
import SpiderCore
import SpiderIO
import SpiderSupport
import SpiderTestSupport
import Testing

/// Files that must be refused, each made by one fault in a good one.
@Suite struct NIfTIFaultTests {
  private func error(_ bytes: [UInt8], name: String = "a.nii") throws -> FileError? {
    let folder = try TemporaryFolder()
    let url = try folder.file(name, bytes)
    do {
      _ = try NIfTI.readVolume(url)
      return nil
    } catch {
      #expect(error.url == url)
      #expect(error.description.contains(url.path))
      #expect(throws: FileError.self) { _ = try NIfTI.summary(of: url) }
      return error
    }
  }

  /// The header field that is at fault, or the kind of the error.
  private func fault(_ change: (inout NIfTIBytes) -> Void) throws -> String {
    var file = NIfTIBytes()
    change(&file)
    switch try error(file.bytes) {
    case .badHeader(_, let field, _): return field
    case .unsupported: return "unsupported"
    case .notAVolume: return "not a volume"
    case .truncated: return "truncated"
    case nil: return "none"
    default: return "another"
    }
  }

  @Test func headerFaultsAreNamed() throws {
    #expect(try fault { _ in } == "none")
    #expect(try fault { $0.dim[1] = -3 } == "dim[1]")
    #expect(try fault { $0.dim[2] = 0 } == "dim[2]")
    #expect(try fault { $0.dim[0] = 0 } == "dim[0]")
    #expect(try fault { $0.dim[0] = 8 } == "dim[0]")
    #expect(try fault { $0.dim = [3, 30000, 30000, 30000, 1, 1, 1, 1] } == "truncated")
    #expect(try fault { $0.dim = [7] + [Int](repeating: 32767, count: 7) } == "dim")
    #expect(try fault { $0.pixdim[1] = .nan } == "pixdim[1]")
    #expect(try fault { $0.pixdim[3] = 0 } == "pixdim[3]")
    #expect(try fault { $0.pixdim[2] = .infinity } == "pixdim[2]")
    #expect(try fault { $0.pixdim[2] = -1 } == "none", "the sform says all")
    #expect(
      try fault {
        $0.pixdim[2] = -1
        ($0.sformCode, $0.qformCode) = (0, 1)
      } == "pixdim[2]")
    #expect(try fault { $0.offset = 1e9 } == "truncated")
    #expect(try fault { $0.offset = 100 } == "vox_offset")
    #expect(try fault { $0.offset = -1 } == "vox_offset")
    #expect(try fault { $0.offset = .nan } == "vox_offset")
    #expect(try fault { $0.offset = 352.5 } == "vox_offset")
    #expect(try fault { $0.slope = .infinity } == "scl_slope and scl_inter")
    #expect(try fault { $0.intercept = .nan } == "scl_slope and scl_inter")
    #expect(try fault { $0.units = 7 } == "xyzt_units")
    #expect(try fault { $0.sform[0] = 0 } == "sform")
    #expect(try fault { $0.sform[5] = .nan } == "qform or sform")
    #expect(try fault { $0.sform[5] = 1e4 } == "none")
    for absurd in [1e38, 1e6, 1e-5] {
      #expect(try fault { $0.sform[5] = absurd } == "sform")
      #expect(
        try fault {
          $0.pixdim[2] = absurd
          ($0.sformCode, $0.qformCode) = (0, 1)
        } == "pixdim")
    }
    #expect(try fault { $0.sform[3] = -1e8 } == "sform")
    #expect(try fault { $0.magic = "xx" } == "magic")
    #expect(try fault { $0.data.removeLast() } == "truncated")
    for code in [0, 1, 32, 128, 1536, 1792, 2048, 2304, 77] {
      #expect(try fault { $0.datatype = code } == "unsupported")
    }
    #expect(try fault { $0.dim = [4, 3, 4, 5, 2, 1, 1, 1] } == "not a volume")
    #expect(try fault { $0.dim = [5, 3, 4, 5, 1, 3, 1, 1] } == "not a volume")
    #expect(try fault { $0.dim = [4, 3, 4, 5, 1, 1, 1, 1] } == "none")
  }

  @Test func hugeDimensionsOfVersion2DoNotOverflow() throws {
    var file = NIfTIBytes(version: 2)
    for dims in [[3, Int.max, 4, 5], [3, 1 << 40, 1 << 40, 5], [3, 1 << 20, 1 << 20, 1 << 18]] {
      file.dim.replaceSubrange(0..<4, with: dims)
      #expect(try error(file.bytes) != nil)
    }
    file.dim[1] = -9
    #expect(try error(file.bytes) != nil)
  }

  @Test func everyCutIsNoticed() throws {
    let bytes = NIfTIBytes().bytes
    for length in [0, 1, 3, 4, 100, 347, 348, 351, 352, 400, bytes.count - 1] {
      guard case .truncated? = try error(Array(bytes.prefix(length))) else {
        // Fewer than the four bytes that tell the format are nothing at all.
        #expect((1...3).contains(length), "\(length) bytes")
        continue
      }
    }
  }

  @Test func cutsAndFlippedBitsOfAGzipFileAreNoticed() throws {
    let folder = try TemporaryFolder()
    var generator = SeededGenerator(seed: 5)
    let grid = VoxelGrid(nx: 6, ny: 5, nz: 4, affine: .identity)
    let volume = Volume(
      grid: grid, values: (0..<120).map { _ in Float(generator.uniform(in: -1000...1000)) })
    try NIfTI.write(volume, to: folder["a.nii.gz"])
    let bytes = try [UInt8](Data(contentsOf: folder["a.nii.gz"]))
    for length in stride(from: 0, to: bytes.count, by: 7) {
      #expect(try error(Array(bytes.prefix(length)), name: "b.nii.gz") != nil, "\(length) bytes")
    }
    // Behind the ten bytes of the gzip header everything is data, checksum or length, but for up to
    // seven unused bits before the checksum: then the volume is the same.
    var unnoticed = 0
    for index in stride(from: 10, to: bytes.count, by: 7) {
      var damaged = bytes
      damaged[index] ^= 1 << UInt8(index % 8)
      if let found = try? NIfTI.readVolume(folder.file("c.nii.gz", damaged)) {
        #expect(found == volume, "a flipped bit in byte \(index)")
        unnoticed += 1
      }
    }
    #expect(unnoticed <= 1)
  }

  @Test func limitsHoldBeforeMemoryIsTaken() throws {
    let folder = try TemporaryFolder()
    let url = try folder.file("a.nii", NIfTIBytes().bytes)
    #expect {
      try NIfTI.readVolume(url, options: NIfTIReadOptions(maxVoxels: 59))
    } throws: {
      if case FileError.tooLarge = $0 { true } else { false }
    }
    #expect(throws: Never.self) {
      try NIfTI.readVolume(url, options: NIfTIReadOptions(maxVoxels: 60))
    }
  }

  @Test func otherFilesAreCalledByTheirName() throws {
    let png: [UInt8] = [0x89, 0x50, 0x4E, 0x47] + [UInt8](repeating: 0, count: 600)
    let dicom = [UInt8](repeating: 0, count: 128) + Array("DICM".utf8) + png
    let jpeg: [UInt8] = [0xFF, 0xD8, 0xFF] + png
    for (bytes, word) in [(png, "PNG"), (dicom, "DICOM"), (jpeg, "JPEG")] {
      let text = try #require(try error(bytes)?.description)
      #expect(text.contains(word))
    }
    var analyze = NIfTIBytes().bytes
    analyze.replaceSubrange(344..<348, with: [0, 0, 0, 0])
    #expect(try error(analyze)?.description.contains("Analyze") == true)
    #expect(throws: FileError.missing(URL(fileURLWithPath: "/nowhere/a.nii"))) {
      try NIfTI.readVolume(URL(fileURLWithPath: "/nowhere/a.nii"))
    }
    let folder = try TemporaryFolder()
    #expect(throws: FileError.isFolder(folder.url)) { try NIfTI.readVolume(folder.url) }
  }

  /// Whatever stands in the header, reading ends with a volume or an error.
  @Test func randomHeadersNeverCrash() throws {
    let folder = try TemporaryFolder()
    var generator = SeededGenerator(seed: 11)
    var refused = 0
    for round in 0..<600 {
      var bytes = NIfTIBytes(version: round % 2 + 1, isBigEndian: round % 4 > 1).bytes
      for _ in 0..<(1 + generator.index(below: 4)) {
        let end = round % 2 == 0 ? 348 : 540
        bytes[generator.index(below: end)] = UInt8(generator.index(below: 256))
      }
      if round % 5 == 0 { bytes.removeLast(generator.index(below: bytes.count)) }
      let url = try folder.file("a.nii", bytes)
      do {
        _ = try NIfTI.readVolume(url)
      } catch {
        refused += 1
      }
    }
    #expect(refused > 100 && refused < 600)
  }
}
