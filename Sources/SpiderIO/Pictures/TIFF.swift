import Foundation
internal import CTIFF

/// Reads TIFF pictures: grey, palette or RGB, 1 to 16 bits, strips or tiles, either byte order, with or
/// without opacity, in any compression that libtiff has but the old kind of JPEG.
///
/// Grey that counts from white is turned to count from black. Floating point and signed numbers are
/// refused, since nothing says what is white; so are several pages, CMYK and other colours.
enum TIFF {
  static func decode(
    _ bytes: [UInt8], _ limits: PictureLimits
  ) throws(FileError) -> GreyPicture {
    var header = spider_tiff_header()
    var message = [CChar](repeating: 0, count: Int(SPIDER_TIFF_MESSAGE_SIZE))
    try check(
      unsafe spider_tiff_read_header(bytes, bytes.count, limits.memory, &header, &message), message,
      limits.url)
    guard header.pages == 1 else {
      throw .unsupported(
        limits.url, fault: "this TIFF file holds \(header.pages) pages; an X-ray is one picture",
        remedy: "save the page that is meant by itself")
    }
    try limits.check(Int(header.width), Int(header.height), bytes: 0, ratio: 1)
    let (size, overflow) = (Int(header.row_bytes) * Int(header.planes))
      .multipliedReportingOverflow(by: Int(header.height))
    let tile = Int(clamping: header.tile_bytes)
    try limits.check(
      Int(header.width), Int(header.height), bytes: overflow ? .max : max(size, tile),
      ratio: largestRatio(header.compression))
    var samples = [UInt8](repeating: 0, count: size)
    var palette = [UInt16](repeating: 0, count: header.has_palette == 1 ? 3 << header.bits : 3)
    try check(
      unsafe spider_tiff_read_pixels(
        bytes, bytes.count, limits.memory, &samples, samples.count, &palette, &message), message,
      limits.url)
    return try picture(header, TIFFSamples(header, samples), palette).shown(limits.url)
  }

  /// How many bytes a byte of the file can become at most: exact for the simple packings; the others
  /// reach tens of thousands on a picture of one colour, which no X-ray is.
  private static func largestRatio(_ compression: Int32) -> Int {
    switch compression {
    case 1: return 1  // none
    case 5: return 4096  // LZW: a code of 9 bits or more for 4096 bytes at most
    case 7: return 1 << 11  // JPEG: as in files of its own, with a block that may be of two bytes
    case 8, 32946: return 1032  // deflate
    case 32773: return 64  // PackBits: 2 bytes for 128
    default: return 1 << 16
    }
  }

  private static func check(
    _ result: spider_tiff_result, _ message: [CChar], _ url: URL
  ) throws(FileError) {
    let text = PictureFormat.text(message)
    switch result {
    case SPIDER_TIFF_READ: return
    case SPIDER_TIFF_UNSUPPORTED:
      throw .unsupported(
        url, fault: "this is a TIFF picture of a kind that is not read: \(text)",
        remedy: "save it as grey of 8 or 16 bits, in TIFF or PNG; line integrals belong into NIfTI")
    default: throw .corrupt(url, fault: "as a TIFF picture: \(text)")
    }
  }

  private static func picture(
    _ header: spider_tiff_header, _ samples: TIFFSamples, _ palette: [UInt16]
  ) -> GreyPicture {
    let hasPalette = header.has_palette == 1
    let alpha = Int(header.alpha)
    let form = PictureForm(
      width: Int(header.width), height: Int(header.height),
      bitDepth: hasPalette ? 16 : Int(header.bits), colours: hasPalette ? 3 : Int(header.colours),
      alpha: alpha < 0 ? nil : header.is_premultiplied == 1 ? .premultiplied : .straight)
    var source = PictureSource(
      format: .tiff,
      orientation: PictureOrientation(rawValue: Int(header.orientation)) ?? .upright)
    let unread = Int(header.samples - header.colours) - (alpha < 0 ? 0 : 1)
    if unread > 0 {
      source.notes.append(
        "\(unread) further \(unread == 1 ? "sample" : "samples") of each pixel, of no stated meaning, "
          + "\(unread == 1 ? "is" : "are") not read")
    }
    let full = Int(form.fullScale)
    let stored = 1 << Int(header.bits) - 1
    let isWhiteLow = header.is_white_low == 1
    // Old writers put 8 bits where the format has 16.
    let unit: Float = palette.allSatisfy { $0 < 256 } ? 257 : 1
    return GreyPicture(form, source) { pixel, channel in
      if channel == form.colours {
        let opacity = samples[pixel, alpha]
        return Float(hasPalette ? opacity * full / stored : opacity)
      }
      let sample = samples[pixel, hasPalette ? 0 : channel]
      if hasPalette { return Float(palette[channel << Int(header.bits) + sample]) * unit }
      return Float(isWhiteLow ? stored - sample : sample)
    }
  }
}

/// The samples of a TIFF picture as they lie in memory: in planes, rows of whole bytes, any number of bits.
private struct TIFFSamples {
  private let bytes: [UInt8]
  private let bits: Int
  private let width: Int
  private let rowBytes: Int
  /// Bytes from one plane to the next; 0 when samples lie beside one another.
  private let planeBytes: Int
  private let samples: Int

  init(_ header: spider_tiff_header, _ bytes: [UInt8]) {
    self.bytes = bytes
    bits = Int(header.bits)
    width = Int(header.width)
    rowBytes = Int(header.row_bytes)
    planeBytes = header.planes > 1 ? rowBytes * Int(header.height) : 0
    samples = header.planes > 1 ? 1 : Int(header.samples)
  }

  /// A sample of a pixel, counted row by row.
  subscript(pixel: Int, channel: Int) -> Int {
    let (row, column) = (pixel / width, pixel % width)
    let start = row * rowBytes + (planeBytes > 0 ? channel * planeBytes : 0)
    let number = column * samples + (planeBytes > 0 ? 0 : channel)
    switch bits {
    case 8: return Int(bytes[start + number])
    case 16:
      let pair = (Int(bytes[start + 2 * number]), Int(bytes[start + 2 * number + 1]))
      let little = UInt16(littleEndian: 1) == 1
      return little ? pair.0 | pair.1 << 8 : pair.0 << 8 | pair.1
    default:
      // From the highest bit of a byte on.
      var value = 0
      for bit in number * bits..<(number + 1) * bits {
        value = value << 1 | Int(bytes[start + bit >> 3] >> UInt8(7 - bit & 7) & 1)
      }
      return value
    }
  }
}
