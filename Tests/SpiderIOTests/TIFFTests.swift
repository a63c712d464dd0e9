import SpiderIO
import SpiderTestSupport
import Testing

/// Kinds of TIFF that few programs write, made by hand.
@Suite struct TIFFTests {
  private let folder: TemporaryFolder
  init() throws { folder = try TemporaryFolder() }

  private func read(_ file: HandmadeTIFF) throws -> GreyPicture {
    try GreyPicture.read(folder.file("a.tif", file.bytes))
  }

  private func expectFault(
    _ file: HandmadeTIFF, _ word: String, sourceLocation: SourceLocation = #_sourceLocation
  ) {
    #expect(sourceLocation: sourceLocation) {
      try read(file)
    } throws: {
      $0 is FileError && "\($0)".contains(word)
    }
  }

  @Test(arguments: [false, true]) func byteOrders(_ isBigEndian: Bool) throws {
    var file = HandmadeTIFF(isBigEndian: isBigEndian, bits: 16)
    let numbers = [0, 1, 256, 65535, 4660, 40000]
    file.pieces = [numbers.flatMap { file.number($0, 2) }]
    let picture = try read(file)
    #expect(picture.values == numbers.map(Float.init) && picture.fullScale == 65535)
    #expect((picture.width, picture.height, picture.bitDepth) == (3, 2, 16))
    file.photometric = 0
    #expect(try read(file).values == numbers.map { Float(65535 - $0) }, "white is low")
  }

  @Test func fewBits() throws {
    // 12 bits: 0x123, 0xFFF, 0x000 and, in the next row, 0xABC, 0x001, 0x800; rows end at whole bytes.
    var file = HandmadeTIFF(bits: 12)
    file.pieces = [[0x12, 0x3F, 0xFF, 0x00, 0x00, 0xAB, 0xC0, 0x01, 0x80, 0x00]]
    let picture = try read(file)
    #expect(picture.values == [0x123, 0xFFF, 0, 0xABC, 1, 0x800] && picture.fullScale == 4095)
    file = HandmadeTIFF(bits: 4)
    file.pieces = [[0x0F, 0x70, 0x12, 0x30]]
    #expect(try read(file).values == [0, 15, 7, 1, 2, 3])
    file = HandmadeTIFF(bits: 1, photometric: 0)
    file.pieces = [[0b1010_0000, 0b0110_0000]]
    #expect(try read(file).values == [0, 1, 0, 1, 0, 0])
  }

  @Test func tilesAndPlanes() throws {
    // 20 x 18 pixels in four tiles of 16 x 16, the pixel's number as its grey.
    var file = HandmadeTIFF(width: 20, height: 18)
    func tile(_ left: Int, _ top: Int, _ grey: (Int) -> Int) -> [UInt8] {
      (0..<256).map { index in
        let (x, y) = (left + index % 16, top + index / 16)
        return x < 20 && y < 18 ? UInt8(truncatingIfNeeded: grey(y * 20 + x)) : 99
      }
    }
    let corners = [(0, 0), (16, 0), (0, 16), (16, 16)]
    file.tile = (16, 16)
    file.pieces = corners.map { tile($0.0, $0.1) { $0 } }
    #expect(try read(file).values == (0..<360).map { Float($0 % 256) })
    // Three planes of such tiles: red, green and blue of equal numbers.
    file.samples = 3
    file.photometric = 2
    file.planar = 2
    file.pieces = file.pieces + file.pieces + file.pieces
    #expect(try read(file).values == (0..<360).map { Float($0 % 256) })
    // The last tile of the last plane is missing.
    file.pieces[11] = []
    expectFault(file, "TIFF")
  }

  @Test func colours() throws {
    var file = HandmadeTIFF(width: 2, height: 1, samples: 3, photometric: 2)
    file.pieces = [[255, 0, 0, 10, 20, 30]]
    let expected: [Float] = [255 * 0.2126, 2.126 + 14.304 + 2.166]
    expectClose(try read(file).values, expected, atol: 1e-4)
    // A palette in which old writers put 8 bits, and its index in two bits.
    file = HandmadeTIFF(width: 4, height: 1, bits: 2, photometric: 3)
    file.more = [(320, 3, [0, 50, 100, 255, 0, 50, 100, 255, 0, 50, 100, 255])]
    file.pieces = [[0b00_01_10_11]]
    let picture = try read(file)
    #expect(picture.values.map { $0 / picture.fullScale * 255 } == [0, 50, 100, 255])
    file.more = []
    expectFault(file, "Colormap")
  }

  @Test func opacity() throws {
    // Grey and opacity: opaque, at least half, less than half, hidden white.
    var file = HandmadeTIFF(width: 4, height: 1, samples: 2)
    file.pieces = [[90, 255, 60, 128, 70, 127, 255, 0]]
    file.more = [(338, 3, [2])]
    let straight = try read(file)
    #expect(straight.values == [90, 60, 0, 0] && straight.mask == [true, true, false, false])
    // Multiplied by the opacity: divided by it again, where there is enough of it.
    file.more = [(338, 3, [1])]
    expectClose(try read(file).values, [90, 60 * 255 / 128.0, 0, 0], atol: 1e-3)
    // A sample of no stated meaning is none.
    file.more = [(338, 3, [0])]
    let plain = try read(file)
    #expect(plain.values == [90, 60, 70, 255] && plain.mask == nil)
    #expect(plain.notes.contains { $0.contains("no stated meaning") })
  }

  @Test func whatIsNotReadIsNamed() throws {
    var file = HandmadeTIFF()
    file.pieces = [[1, 2, 3, 4, 5, 6]]
    func with(_ tag: Int, _ value: Int) -> HandmadeTIFF {
      var other = file
      other.more = [(tag, 3, [value])]
      return other
    }
    expectFault(with(262, 5), "CMYK")
    expectFault(with(262, 8), "another kind")
    expectFault(with(339, 2), "signed")
    expectFault(with(339, 3), "floating point")
    expectFault(with(259, 6), "compression 6")
    expectFault(with(259, 12345), "compression 12345")
    expectFault(with(258, 32), "32 bits")
    // A page that follows itself, and one beyond the end.
    file.next = 1 << 20
    expectFault(file, "TIFF")
    // A smaller version of the picture is no page of its own.
    var small = with(254, 1)
    small.next = 0
    expectFault(small, "no picture")
  }
}
