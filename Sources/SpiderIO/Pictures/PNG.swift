import Foundation
internal import CPNG

/// Reads and writes PNG pictures: 16-bit grey for radiographs, 8-bit grey for films, 8-bit RGB for slices
/// and reports.
///
/// Numbers are stored as they are, without a gamma chunk, and read as they are stored.
package enum PNG {
  /// Encodes 16-bit grey pixels, row by row from the top left.
  package static func encodeGrey16(_ pixels: [UInt16], width: Int, height: Int) -> Data {
    unsafe pixels.withUnsafeBytes { bytes in
      unsafe encode(bytes, width: width, height: height, bitDepth: 16, channels: 1)
    }
  }

  /// Encodes 8-bit grey pixels, row by row from the top left.
  package static func encodeGrey8(_ pixels: [UInt8], width: Int, height: Int) -> Data {
    unsafe pixels.withUnsafeBytes { bytes in
      unsafe encode(bytes, width: width, height: height, bitDepth: 8, channels: 1)
    }
  }

  /// Encodes 8-bit RGB pixels, three bytes per pixel, row by row from the top left.
  package static func encodeRGB8(_ pixels: [UInt8], width: Int, height: Int) -> Data {
    unsafe pixels.withUnsafeBytes { bytes in
      unsafe encode(bytes, width: width, height: height, bitDepth: 8, channels: 3)
    }
  }

  /// Writes a 16-bit grey picture.
  ///
  /// - Throws: ``FileError``; then no file has appeared and none has changed.
  package static func writeGrey16(
    _ pixels: [UInt16], width: Int, height: Int, to url: URL, overwrite: Bool = false
  ) throws(FileError) {
    try AtomicFile.write(
      encodeGrey16(pixels, width: width, height: height), to: url, overwrite: overwrite)
  }

  /// Writes an 8-bit grey picture.
  ///
  /// - Throws: ``FileError``; then no file has appeared and none has changed.
  package static func writeGrey8(
    _ pixels: [UInt8], width: Int, height: Int, to url: URL, overwrite: Bool = false
  ) throws(FileError) {
    try AtomicFile.write(
      encodeGrey8(pixels, width: width, height: height), to: url, overwrite: overwrite)
  }

  /// Writes an 8-bit RGB picture.
  ///
  /// - Throws: ``FileError``; then no file has appeared and none has changed.
  package static func writeRGB8(
    _ pixels: [UInt8], width: Int, height: Int, to url: URL, overwrite: Bool = false
  ) throws(FileError) {
    try AtomicFile.write(
      encodeRGB8(pixels, width: width, height: height), to: url, overwrite: overwrite)
  }

  private static func encode(
    _ bytes: UnsafeRawBufferPointer, width: Int, height: Int, bitDepth: Int, channels: Int
  ) -> Data {
    let limit = 1_000_000  // libpng's own limit of a side
    precondition(
      (1...limit).contains(width) && (1...limit).contains(height)
        && bytes.count == width * height * channels * bitDepth / 8,
      "\(bytes.count) bytes for a picture of \(width) x \(height)")
    var output: UnsafeMutablePointer<UInt8>?
    var size = 0
    var message = [CChar](repeating: 0, count: Int(SPIDER_PNG_MESSAGE_SIZE))
    let complete = unsafe spider_png_write(
      bytes.bindMemory(to: UInt8.self).baseAddress, UInt32(width), UInt32(height),
      Int32(bitDepth), Int32(channels), &output, &size, &message)
    guard complete == 1, let output = unsafe output else {
      // Sizes are checked and the output is memory: only memory can be missing.
      fatalError("encoding a PNG picture of \(width) x \(height): out of memory")
    }
    defer { unsafe spider_png_free(output) }
    return unsafe Data(bytes: output, count: size)
  }
}

extension PNG {
  /// Reads a picture of any PNG kind as grey; see ``GreyPicture``.
  ///
  /// - Parameters:
  ///   - url: the file.
  ///   - maxPixels: larger pictures are refused before memory is taken.
  /// - Throws: ``FileError``.
  package static func readGrey(
    _ url: URL, maxPixels: Int = GreyPicture.mostPixels
  ) throws(FileError) -> GreyPicture {
    let bytes = try GreyPicture.content(of: url, maxPixels: maxPixels)
    guard PictureFormat(startingWith: bytes) == .png else {
      throw .unknownFormat(url, expected: "a PNG picture", found: InputFile.kind(of: bytes))
    }
    return try decode(bytes, PictureLimits(url, maxPixels: maxPixels, stored: bytes.count))
  }

  static func decode(
    _ bytes: [UInt8], _ limits: PictureLimits
  ) throws(FileError) -> GreyPicture {
    let header = try readHeader(bytes, limits.url)
    let form = PictureForm(
      width: Int(header.width), height: Int(header.height), bitDepth: Int(header.bit_depth),
      colours: header.channels > 2 ? 3 : 1, alpha: header.channels % 2 == 0 ? .straight : nil)
    // A palette of 1 bit a pixel becomes 32 times as large, and deflate reaches 1032 to 1.
    try limits.check(form.width, form.height, bytes: form.size, ratio: 1032 * 32)
    let pixels = try readPixels(bytes, form.size, limits.url)
    var source = PictureSource.ofPNG(bytes)
    source.clearsWhite = header.clears_white == 1
    if header.clears_black == 1 {
      source.notes.append("black is declared transparent: it counts as black")
    }
    // libpng drops a chunk that it cannot read, and only warns.
    if header.has_transparency == 0, chunk("tRNS", of: bytes) != nil {
      source.notes.append(
        "what it says of transparent pixels (tRNS) is malformed and ignored: every pixel counts that is not "
          + "transparent otherwise; save the picture anew if more were to be")
    }
    return try GreyPicture(form, source, PackedSamples(pixels, isWide: form.bitDepth == 16))
      .shown(limits.url)
  }

  private static let maxSide: UInt32 = 1 << 20

  private static func readHeader(_ bytes: [UInt8], _ url: URL) throws(FileError)
    -> spider_png_header
  {
    var header = spider_png_header()
    var message = [CChar](repeating: 0, count: Int(SPIDER_PNG_MESSAGE_SIZE))
    let complete = unsafe spider_png_read_header(bytes, bytes.count, maxSide, &header, &message)
    guard complete == 1 else { throw .corrupt(url, fault: PictureFormat.text(message)) }
    return header
  }

  private static func readPixels(
    _ bytes: [UInt8], _ size: Int, _ url: URL
  ) throws(FileError) -> [UInt8] {
    var pixels = [UInt8](repeating: 0, count: size)
    var message = [CChar](repeating: 0, count: Int(SPIDER_PNG_MESSAGE_SIZE))
    let complete = unsafe spider_png_read_pixels(
      bytes, bytes.count, maxSide, &pixels, size, &message)
    guard complete == 1 else { throw .corrupt(url, fault: PictureFormat.text(message)) }
    return pixels
  }
}
