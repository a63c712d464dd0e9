import Foundation
import SpiderCore
import SpiderIO
import SpiderTestSupport
import Testing

@Suite struct PNGTests {
  /// The types of a picture's chunks.
  private func chunks(_ data: Data) -> [String] {
    let bytes = [UInt8](data)
    var position = 8
    var names: [String] = []
    while position + 8 <= bytes.count {
      let length = bytes[position..<position + 4].reduce(0) { $0 << 8 | Int($1) }
      names.append(String(decoding: bytes[position + 4..<position + 8], as: UTF8.self))
      position += 12 + length
    }
    return names
  }

  @Test func grey16ComesBack() throws {
    let folder = try TemporaryFolder()
    let pixels = (0..<35).map { UInt16($0 * 1871 + 5) }
    try PNG.writeGrey16(pixels, width: 7, height: 5, to: folder["a.png"])
    let picture = try PNG.readGrey(folder["a.png"])
    #expect((picture.width, picture.height, picture.bitDepth) == (7, 5, 16))
    #expect(picture.values == pixels.map { Float($0) })
    let data = try Data(contentsOf: folder["a.png"])
    #expect(Set(chunks(data)) == ["IHDR", "IDAT", "IEND"], "no gamma: the numbers are the numbers")
  }

  @Test func coloursBecomeLuminance() throws {
    let folder = try TemporaryFolder()
    let pixels: [UInt8] = [255, 0, 0, 0, 255, 0, 0, 0, 255, 90, 90, 90, 255, 255, 255, 0, 0, 0]
    try PNG.writeRGB8(pixels, width: 3, height: 2, to: folder["a.png"])
    let picture = try PNG.readGrey(folder["a.png"])
    #expect(picture.bitDepth == 8 && picture.fullScale == 255)
    let weights: [Float] = [0.2126, 0.7152, 0.0722]
    #expect(picture.values == weights.map { $0 * 255 } + [90, 255, 0])
  }

  /// Kinds Spider does not write: made by hand with stored (uncompressed) deflate blocks.
  @Test(
    arguments: [
      // 1-bit grey: 1, 0, 1 and 0, 1, 1.
      ([1, 0], [], [0b1010_0000, 0b0110_0000], [255, 0, 255, 0, 255, 255]),
      // 4-bit grey: 0 ... 15 becomes 0 ... 255 in steps of 17.
      ([4, 0], [], [0x01, 0x20, 0xF3, 0x40], [0, 17, 34, 255, 51, 68]),
      // Grey with alpha: what is less than half opaque is 0, and masked.
      ([8, 4], [], [9, 0, 8, 255, 7, 127, 6, 128, 5, 200, 4, 1], [0, 8, 0, 6, 5, 0]),
      // A palette of two greys, the first transparent.
      (
        [8, 3], [("PLTE", [10, 10, 10, 200, 200, 200]), ("tRNS", [0])], [0, 1, 0, 1, 1, 0],
        [0, 200, 0, 200, 200, 0]
      ),
      // Grey of which one value is transparent.
      ([8, 0], [("tRNS", [0, 7])], [5, 6, 7, 7, 8, 9], [5, 6, 0, 0, 8, 9]),
      // RGBA.
      ([8, 6], [], (1...6).flatMap { [$0, $0, $0, 255] }, [1, 2, 3, 4, 5, 6]),
    ] as [([UInt8], [(String, [UInt8])], [UInt8], [Float])])
  func otherKindsAreRead(
    _ kind: [UInt8], _ extra: [(String, [UInt8])], _ rows: [UInt8], _ expected: [Float]
  ) throws {
    let folder = try TemporaryFolder()
    let bytes = HandmadePNG.bytes(
      width: 3, height: 2, bitDepth: kind[0], colourType: kind[1], extra: extra, rows: rows)
    let picture = try PNG.readGrey(folder.file("a.png", bytes))
    #expect(picture.values == expected)
    let hidden = expected.map { $0 != 0 }
    #expect(picture.mask == (kind[1] == 0 && kind[0] < 8 || !hidden.contains(false) ? nil : hidden))
    #expect((picture.width, picture.height, picture.bitDepth) == (3, 2, 8))
  }

  /// Black that is declared transparent is the open field: it counts, and is noted.
  @Test(
    arguments: [
      (8, 0, [0, 0], [5, 0, 7, 0, 8, 9], [5, 0, 7, 0, 8, 9]),
      // Only the low 8 bits of the key count.
      (8, 0, [1, 0], [5, 0, 7, 0, 8, 9], [5, 0, 7, 0, 8, 9]),
      (16, 0, [0, 0], [1, 0, 0, 0, 0, 7, 0, 0, 0, 9, 2, 0], [256, 0, 7, 0, 9, 512]),
      (
        8, 2, [0, 0, 0, 0, 0, 0], [5, 0, 7, 0, 8, 9].flatMap { [$0, $0, $0] }, [5, 0, 7, 0, 8, 9]
      ),
    ] as [(UInt8, UInt8, [UInt8], [UInt8], [Float])])
  func clearedBlackCounts(
    _ bitDepth: UInt8, _ colourType: UInt8, _ cleared: [UInt8], _ rows: [UInt8],
    _ expected: [Float]
  ) throws {
    let picture = try cleared3x2(bitDepth, colourType, cleared, rows)
    #expect(picture.values == expected)
    #expect(picture.mask == nil)
    #expect(picture.notes == ["black is declared transparent: it counts as black"])
  }

  /// A picture of 3 x 2 pixels of which a colour is declared transparent.
  private func cleared3x2(
    _ bitDepth: UInt8, _ colourType: UInt8, _ cleared: [UInt8], _ rows: [UInt8]
  ) throws -> GreyPicture {
    let folder = try TemporaryFolder()
    let bytes = HandmadePNG.bytes(
      width: 3, height: 2, bitDepth: bitDepth, colourType: colourType, extra: [("tRNS", cleared)],
      rows: rows)
    return try PNG.readGrey(folder.file("a.png", bytes))
  }

  /// White that is declared transparent is masked: it may lie beside the film, or be the open field of a negative.
  @Test(
    arguments: [
      (8, 0, [0, 255], [5, 255, 7, 255, 8, 9]),
      (16, 0, [255, 255], [5, 0, 255, 255, 7, 0, 255, 255, 8, 0, 9, 0]),
      (4, 0, [0, 15], [0x1F, 0x20, 0xF3, 0x40]),
      (8, 2, [0, 255, 0, 255, 0, 255], [5, 255, 7, 255, 8, 9].flatMap { [$0, $0, $0] }),
    ] as [(UInt8, UInt8, [UInt8], [UInt8])])
  func clearedWhiteIsMaskedAndNoted(
    _ bitDepth: UInt8, _ colourType: UInt8, _ cleared: [UInt8], _ rows: [UInt8]
  ) throws {
    let picture = try cleared3x2(bitDepth, colourType, cleared, rows)
    #expect(picture.mask == [true, false, true, false, true, true])
    let note = try #require(picture.whiteNote)
    #expect(picture.notes == [note] && note.contains("2 of 6 pixels") && note.contains("negative"))
  }

  /// A grey, or a colour that has white in it, is not white.
  @Test func whatIsNotWhiteIsNoOpenField() throws {
    let folder = try TemporaryFolder()
    for (type, key) in [(0, [0, 254]), (2, [0, 255, 0, 255, 0, 7])] as [(UInt8, [UInt8])] {
      let rows = type == 0 ? [254, 1, 2] : [255, 255, 7, 1, 1, 1, 2, 2, 2]
      let bytes = HandmadePNG.bytes(
        width: 3, height: 1, bitDepth: 8, colourType: type, extra: [("tRNS", key)],
        rows: rows.map { UInt8($0) })
      let picture = try PNG.readGrey(folder.file("a.png", bytes))
      #expect(picture.whiteNote == nil && picture.mask == [false, true, true])
      #expect(picture.notes == ["1 of 3 pixels are transparent: masked"])
    }
  }

  /// A tRNS chunk that cannot be read is told, whatever is wrong with it; the pixels all count.
  @Test(
    arguments: [
      (0, [7]), (0, [0, 7, 0]), (2, [0, 7]), (3, [0, 1, 2, 3, 4]), (4, [0, 7]), (0, []),
    ] as [(UInt8, [UInt8])])
  func malformedTransparencyIsTold(_ colourType: UInt8, _ content: [UInt8]) throws {
    let folder = try TemporaryFolder()
    let palette: [(String, [UInt8])] =
      colourType == 3 ? [("PLTE", [10, 10, 10, 200, 200, 200])] : []
    let rows: [UInt8] =
      switch colourType {
      case 2: [5, 5, 5, 7, 7, 7, 7, 7, 7]
      case 3: [0, 1, 1]
      case 4: [5, 255, 7, 255, 7, 255]
      default: [5, 7, 7]
      }
    let bytes = HandmadePNG.bytes(
      width: 3, height: 1, bitDepth: 8, colourType: colourType,
      extra: palette + [("tRNS", content)], rows: rows)
    let picture = try PNG.readGrey(folder.file("a.png", bytes))
    #expect(picture.mask == nil && picture.values[0] == (colourType == 3 ? 10 : 5))
    #expect(picture.notes.count == 1 && picture.notes[0].contains("(tRNS) is malformed"))
  }

  @Test func aWhollyTransparentPictureIsRefused() throws {
    let folder = try TemporaryFolder()
    let files = [
      HandmadePNG.bytes(
        width: 3, height: 1, bitDepth: 8, colourType: 4, extra: [], rows: [9, 0, 7, 0, 5, 0]),
      HandmadePNG.bytes(
        width: 3, height: 1, bitDepth: 8, colourType: 0, extra: [("tRNS", [0, 255])],
        rows: [255, 255, 255]),
    ]
    for bytes in files {
      let url = try folder.file("a.png", bytes)
      #expect {
        try GreyPicture.read(url)
      } throws: {
        "\($0)".contains("a.png: every pixel of this picture is transparent")
          && "\($0)".contains("remove its alpha channel")
      }
    }
  }

  /// The EXIF data of a PNG file have a chunk of their own.
  @Test func orientation() throws {
    let folder = try TemporaryFolder()
    let exif: [UInt8] =
      [0x4D, 0x4D, 0, 0x2A, 0, 0, 0, 8, 0, 1, 0x01, 0x12, 0, 3, 0, 0, 0, 1, 0, 6, 0, 0, 0, 0, 0, 0]
    let bytes = HandmadePNG.bytes(
      width: 3, height: 2, bitDepth: 8, colourType: 0, extra: [("eXIf", exif)],
      rows: [1, 2, 3, 4, 5, 6])
    let picture = try PNG.readGrey(folder.file("a.png", bytes))
    #expect((picture.width, picture.height) == (2, 3))
    #expect(picture.values == [4, 1, 5, 2, 6, 3])
  }

  @Test func sizesAreLimited() throws {
    let folder = try TemporaryFolder()
    let url = folder["a.png"]
    try PNG.writeGrey16([UInt16](repeating: 0, count: 100), width: 10, height: 10, to: url)
    #expect {
      try PNG.readGrey(url, maxPixels: 99)
    } throws: {
      if case FileError.tooLarge = $0 { true } else { false }
    }
    #expect(try PNG.readGrey(url, maxPixels: 100).values.count == 100)
    let huge = HandmadePNG.bytes(
      width: 1 << 18, height: 1 << 18, bitDepth: 16, colourType: 2, extra: [], rows: [0])
    #expect(throws: FileError.self) {
      try PNG.readGrey(folder.file("b.png", huge), maxPixels: 1 << 40)
    }
  }

  @Test func damagedPicturesAreRefused() throws {
    let folder = try TemporaryFolder()
    let pixels = (0..<400).map { UInt16(truncatingIfNeeded: $0 &* 40503) }
    let good = [UInt8](PNG.encodeGrey16(pixels, width: 20, height: 20))
    for length in stride(from: 0, to: good.count, by: 7) {
      let url = try folder.file("a.png", Array(good.prefix(length)))
      #expect(throws: FileError.self, "\(length) bytes") { try PNG.readGrey(url) }
    }
    for index in stride(from: 0, to: good.count - 12, by: 5) {
      var bytes = good
      bytes[index] ^= 0x10
      let url = try folder.file("a.png", bytes)
      #expect(throws: FileError.self, "byte \(index)") { try PNG.readGrey(url) }
    }
    #expect {
      try PNG.readGrey(folder.file("a.png", Array("{}".utf8)))
    } throws: {
      "\($0)".contains("JSON")
    }
  }
}
