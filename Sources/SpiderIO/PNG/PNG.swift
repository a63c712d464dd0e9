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
  /// Reads a picture of any PNG kind as grey: colours by their luminance (Rec. 709 weights on the
  /// stored numbers, so that a grey picture stored as RGB keeps its numbers), alpha ignored.
  ///
  /// - Parameters:
  ///   - url: the file.
  ///   - maxPixels: larger pictures are refused before memory is taken.
  /// - Throws: ``FileError``.
  package static func readGrey(
    _ url: URL, maxPixels: Int = 1 << 26
  ) throws(FileError) -> GreyPicture {
    // A picture never needs much more than its raw size: 8 bytes per pixel at most.
    let limit = maxPixels > Int.max / 16 ? Int.max : maxPixels * 8 + (16 << 20)
    let data = try InputFile.content(
      of: url, limit: limit, what: "a picture of at most \(maxPixels) pixels")
    guard data.starts(with: [0x89, 0x50, 0x4E, 0x47]) else {
      let kind = InputFile.kind(of: Array(data.prefix(132)))
      throw .unknownFormat(url, expected: "a PNG picture", found: kind)
    }
    let bytes = Array(data)
    let header = try readHeader(bytes, url)
    let (width, height) = (Int(header.width), Int(header.height))
    let size = width * height * Int(header.channels) * Int(header.bit_depth) / 8
    guard width * height <= maxPixels else {
      throw .tooLarge(
        url, fault: "\(width) x \(height) pixels; the limit is \(maxPixels)",
        remedy: "scale the picture down")
    }
    // A palette of 1 bit a pixel becomes 24 times as large, and deflate reaches 1032 to 1.
    guard size / (1032 * 24) <= bytes.count else {
      throw .corrupt(url, fault: "its header announces more pixels than it can hold")
    }
    let pixels = try readPixels(bytes, size, url)
    return GreyPicture(
      width: width, height: height, bitDepth: Int(header.bit_depth),
      values: grey(pixels, isWide: header.bit_depth == 16, channels: Int(header.channels)))
  }

  private static let maxSide: UInt32 = 1 << 20

  private static func readHeader(_ bytes: [UInt8], _ url: URL) throws(FileError)
    -> spider_png_header
  {
    var header = spider_png_header()
    var message = [CChar](repeating: 0, count: Int(SPIDER_PNG_MESSAGE_SIZE))
    let complete = unsafe spider_png_read_header(bytes, bytes.count, maxSide, &header, &message)
    guard complete == 1 else { throw .corrupt(url, fault: text(message)) }
    return header
  }

  private static func readPixels(
    _ bytes: [UInt8], _ size: Int, _ url: URL
  ) throws(FileError) -> [UInt8] {
    var pixels = [UInt8](repeating: 0, count: size)
    var message = [CChar](repeating: 0, count: Int(SPIDER_PNG_MESSAGE_SIZE))
    let complete = unsafe spider_png_read_pixels(
      bytes, bytes.count, maxSide, &pixels, size, &message)
    guard complete == 1 else { throw .corrupt(url, fault: text(message)) }
    return pixels
  }

  private static func text(_ message: [CChar]) -> String {
    String(decoding: message.prefix { $0 != 0 }.map(UInt8.init(bitPattern:)), as: UTF8.self)
  }

  /// The grey of pixels with one or three samples each; wide samples are 16-bit in machine order.
  private static func grey(_ pixels: [UInt8], isWide: Bool, channels: Int) -> [Float] {
    func sample(_ index: Int) -> Float {
      guard isWide else { return Float(pixels[index]) }
      let pair = (UInt16(pixels[2 * index]), UInt16(pixels[2 * index + 1]))
      let little = UInt16(littleEndian: 1) == 1
      return Float(little ? pair.0 | pair.1 << 8 : pair.0 << 8 | pair.1)
    }
    let count = pixels.count / channels / (isWide ? 2 : 1)
    if channels == 1 { return (0..<count).map(sample) }
    return (0..<count).map { pixel in
      let (r, g, b) = (sample(3 * pixel), sample(3 * pixel + 1), sample(3 * pixel + 2))
      // Equal samples must come out exactly, which weights that sum to 1 only nearly do.
      return r == g && g == b ? g : 0.2126 * r + 0.7152 * g + 0.0722 * b
    }
  }
}

/// A PNG picture read as grey.
package struct GreyPicture: Sendable, Equatable {
  /// Pixels in a row.
  package let width: Int
  /// Pixels in a column.
  package let height: Int
  /// Bits of a stored sample, 8 or 16; pictures of fewer bits are spread to 8.
  package let bitDepth: Int
  /// The pixels row by row from the top left, as stored: 0...255 or 0...65535.
  package let values: [Float]

  /// The value of full white.
  package var fullScale: Float { bitDepth == 16 ? 65535 : 255 }
}
