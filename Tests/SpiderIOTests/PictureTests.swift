import Foundation
import SpiderCore
import SpiderIO
import SpiderTestSupport
import Testing

/// Pictures of all formats, as other programs write them.
@Suite struct PictureTests {
  private let folder: TemporaryFolder
  init() throws { folder = try TemporaryFolder() }

  private func expectFault(
    _ bytes: [UInt8], _ words: String..., maxPixels: Int = 1 << 26,
    sourceLocation: SourceLocation = #_sourceLocation
  ) throws {
    let url = try folder.file("fault.png", bytes)
    #expect(sourceLocation: sourceLocation) {
      try GreyPicture.read(url, maxPixels: maxPixels)
    } throws: { error in
      error is FileError && words.allSatisfy { "\(error)".contains($0) }
    }
  }

  /// The name says .png whatever the content is.
  @Test func picturesReadAsTheirWriterReadsThem() throws {
    let all = try WrittenPicture.all()
    #expect(all.count > 50)
    for written in all {
      let url = try folder.file("a.png", Array(written.bytes))
      guard let values = written.values else {
        try expectFault(Array(written.bytes), written.word ?? "nothing is said")
        continue
      }
      let picture = try GreyPicture.read(url)
      #expect(picture.format == (written.isJPEG ? "JPEG" : "TIFF"), "\(written)")
      #expect(picture.width == written.width && picture.height == written.height, "\(written)")
      #expect(picture.fullScale == written.full, "\(written)")
      try #require(picture.values.count == values.count)
      let worst = zip(picture.values, values).map { abs($0 - $1) }.max() ?? 0
      #expect(worst <= written.tolerance + 1e-3, "\(written): off by \(worst)")
    }
  }

  @Test func anOrientationIsNoted() throws {
    func notes(_ name: String) throws -> [String] {
      try GreyPicture.read(folder.file("a", WrittenPicture.named(name))).notes
    }
    #expect(try notes("orientation 6").contains { $0.contains("tag (6)") })
    #expect(try notes("TIFF orientation 3").contains { $0.contains("turned by half") })
    #expect(try notes("orientation 1").isEmpty)
    #expect(try notes("orientation of no meaning").isEmpty)
  }

  @Test func aDamagedJPEGIsRefusedWhereverItBreaksOff() throws {
    for name in ["grey", "progressive", "restart markers", "progressive colour"] {
      let good = try WrittenPicture.named(name)
      for length in stride(from: 3, to: good.count, by: 5) {
        let cut = Array(good.prefix(length))
        try expectFault(cut, "JPEG")
        // Closed properly, what is missing is missing still (its own end is the last two bytes).
        if length < good.count - 4 { try expectFault(cut + [0xFF, 0xD9]) }
      }
    }
  }

  @Test func aDamagedTIFFIsRefusedWhereverItBreaksOff() throws {
    for name in ["TIFF raw", "TIFF tiff_lzw", "TIFF zstd", "TIFF 1 bit group4", "TIFF jpeg"] {
      let good = try WrittenPicture.named(name)
      for length in stride(from: 4, to: good.count, by: 5) {
        let url = try folder.file("a.tif", Array(good.prefix(length)))
        // Pillow leaves a few bytes of padding at the end of some files.
        if length >= good.count - 8, (try? GreyPicture.read(url)) != nil { continue }
        #expect(throws: FileError.self, "\(name), \(length) of \(good.count)") {
          try GreyPicture.read(url)
        }
      }
    }
  }

  /// A header may say anything: memory is taken only for what the file can hold.
  @Test func claimsAreHeldAgainstTheFile() throws {
    var jpeg = try WrittenPicture.named("grey")
    let frame = try #require(
      jpeg.indices.dropLast(8).first { jpeg[$0] == 0xFF && jpeg[$0 + 1] == 0xC0 })
    for (index, byte) in [0xFF, 0xDC, 0xFF, 0xDC].enumerated() {
      jpeg[frame + 5 + index] = UInt8(byte)
    }
    try expectFault(jpeg, "65500 x 65500 pixels")
    try expectFault(jpeg, "more pixels than it can hold", maxPixels: 1 << 40)
    var tiff = HandmadeTIFF(width: 100_000, height: 100_000)
    tiff.pieces = [[UInt8](repeating: 7, count: 900)]
    try expectFault(tiff.bytes, "100000 x 100000 pixels")
    for compression in [1, 5, 8, 32773, 50000, 34925] {
      tiff.compression = compression
      try expectFault(tiff.bytes, "more pixels than it can hold", maxPixels: 1 << 40)
    }
    // Far more samples than pixels, and tiles larger than any picture.
    tiff = HandmadeTIFF(width: 8000, height: 8000, samples: 5000)
    tiff.pieces = [[1]]
    try expectFault(tiff.bytes)
    tiff = HandmadeTIFF()
    tiff.tile = (1 << 20, 1 << 20)
    tiff.pieces = [[1]]
    try expectFault(tiff.bytes)
    try expectFault(Array(WrittenPicture.named("grey")), "limit is 293", maxPixels: 21 * 14 - 1)
  }

  @Test func aPictureIsARadiographUpright() throws {
    let url = try folder.file("a.jpg", WrittenPicture.named("orientation 8"))
    let loaded = try RadiographFile.read(image: url) { columns, rows in
      #expect((columns, rows) == (14, 21))
      return try ViewSetup(columns: columns, rows: rows).geometry(of: .pa)
    }
    #expect(loaded.radiograph.intensity == .relative)
    #expect(loaded.notes.contains { $0.contains("orientation tag (8)") })
    #expect(loaded.radiograph.values.allSatisfy { (0...1).contains($0) })
  }

  @Test func transparentPixelsAreMaskedAndNoted() throws {
    let url = try folder.file("a.tif", WrittenPicture.named("TIFF RGBA"))
    let loaded = try RadiographFile.read(image: url) { columns, rows in
      try ViewSetup(columns: columns, rows: rows).geometry(of: .pa)
    }
    // Columns 0 to 7 are less than half opaque, 8 to 11 more than half.
    #expect(loaded.radiograph.mask == (0..<21 * 14).map { $0 % 21 >= 8 })
    #expect(loaded.notes.contains { $0.contains("112 of 294 pixels are transparent") })
    #expect(loaded.notes.contains { $0.contains("56 partly transparent") })
  }

  /// The white of a negative is its open field: it counts once the greys are turned round, but not beyond the open
  /// field that a geometry file states.
  @Test func whiteThatIsDeclaredTransparentCountsOnANegative() throws {
    let bytes = HandmadePNG.bytes(
      width: 4, height: 2, bitDepth: 8, colourType: 0, extra: [("tRNS", [0, 255])],
      rows: [255, 51, 0, 255, 255, 102, 255, 153])
    let url = try folder.file("n.png", bytes)
    func read() throws -> LoadedRadiograph {
      try RadiographFile.read(image: url) { columns, rows in
        try ViewSetup(columns: columns, rows: rows).geometry(of: .pa)
      }
    }
    let loaded = try read()
    #expect(
      loaded.radiograph.mask == [false, true, true, false, false, true, false, true])
    #expect(loaded.notes.contains { $0.contains("turn the greys round") })
    let turned = loaded.inverted()
    #expect(turned.radiograph.mask == nil)
    expectClose(turned.radiograph.values, [0, 0.8, 1, 0, 0, 0.6, 0, 0.4], rtol: 0, atol: 1e-6)
    #expect(!turned.notes.contains { $0.contains("masked") })
    #expect(turned.notes.contains { $0.contains("it is the open field, and counts") })

    let open = [false, true, true, true, false, true, true, true]
    try GeometrySidecar(
      of: Radiograph(
        geometry: loaded.radiograph.geometry, values: [Float](repeating: 1, count: 8), mask: open)
    ).write(to: folder["n.json"])
    #expect(try read().inverted().radiograph.mask == open)
  }
}
