import Foundation
import SpiderIO
import SpiderReport
import Testing

@Suite struct PictureFileTests {
  private var picture: RGBImage {
    var picture = RGBImage(width: 31, height: 17, color: RGBColor(10, 20, 30))
    picture[30, 16] = RGBColor(255, 0, 0)
    return picture
  }

  @Test func thePNGSaysItsSizeAndKind() {
    let bytes = [UInt8](picture.png)
    #expect(bytes.prefix(8) == [0x89, 0x50, 0x4E, 0x47, 0x0D, 0x0A, 0x1A, 0x0A])
    // IHDR: width, height, 8 bits, colour type 2 (RGB).
    #expect(bytes[16..<26] == [0, 0, 0, 31, 0, 0, 0, 17, 8, 2])
  }

  @Test func aFileThatExistsIsNotReplacedUnasked() throws {
    let url = FileManager.default.temporaryDirectory
      .appendingPathComponent("spider-picture-\(UUID().uuidString).png")
    defer { try? FileManager.default.removeItem(at: url) }
    try picture.writePNG(to: url)
    #expect(try Data(contentsOf: url) == picture.png)
    #expect(throws: FileError.self) { try picture.writePNG(to: url) }
    try picture.writePNG(to: url, overwrite: true)
  }

  @Test func textIsDrawnDotByDotAndCutOffAtTheEdge() {
    var picture = RGBImage(width: 12, height: 14, color: RGBColor(0, 0, 0))
    let white = RGBColor(255, 255, 255)
    picture.draw("L", x: 0, y: 0, scale: 2, color: white)
    // The left stroke is 2 x 14 pixels, the foot 10 x 2; together they share 2 x 2.
    let lit = (0..<14).reduce(0) { sum, y in sum + (0..<12).count { picture[$0, y] == white } }
    #expect(lit == 2 * 14 + 10 * 2 - 4)
    #expect(picture[0, 0] == white && picture[9, 13] == white && picture[9, 0] != white)
    picture.draw("L", x: -100, y: 1000, scale: 2, color: white)
    #expect(RGBImage.textSize("AB", scale: 2) == (22, 14))
  }
}
