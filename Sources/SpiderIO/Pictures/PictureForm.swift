import Foundation

/// How the samples of a decoded picture lie: pixel after pixel, row after row, the opacity last.
struct PictureForm {
  /// What the opacity of a pixel has done to its other samples.
  enum Alpha {
    /// Nothing.
    case straight
    /// They are multiplied by it.
    case premultiplied
  }

  /// Columns and rows as stored, before any orientation is obeyed.
  let width: Int
  let height: Int
  /// Bits of a sample.
  let bitDepth: Int
  /// 1 for grey, 3 for red, green and blue.
  let colours: Int
  /// nil when every pixel is opaque.
  let alpha: Alpha?

  /// Samples a pixel.
  var channels: Int { colours + (alpha == nil ? 0 : 1) }

  /// Bytes of all samples, one or two each.
  var size: Int { width * height * channels * (bitDepth > 8 ? 2 : 1) }

  /// The number of full white, and of full opacity.
  var fullScale: Float { Float(1 << bitDepth - 1) }
}

/// What a picture may claim, held against limits before memory is taken.
struct PictureLimits {
  let url: URL
  private let maxPixels: Int
  private let stored: Int

  /// Limits for a file of so many bytes.
  init(_ url: URL, maxPixels: Int, stored: Int) {
    self.url = url
    self.maxPixels = maxPixels
    self.stored = stored
  }

  /// The largest single piece of memory that a decoder may take, bytes.
  var memory: Int {
    GreyPicture.storedLimit(maxPixels: maxPixels)
  }

  /// Refuses more pixels than allowed, and more bytes than the file can hold when its packing saves at
  /// most `ratio` bytes to 1. Sides must be less than 2^32.
  func check(_ width: Int, _ height: Int, bytes: Int, ratio: Int) throws(FileError) {
    let (pixels, overflow) = width.multipliedReportingOverflow(by: height)
    guard !overflow, pixels <= maxPixels else {
      throw .tooLarge(
        url, fault: "\(width) x \(height) pixels; the limit is \(maxPixels)",
        remedy: "scale the picture down")
    }
    guard bytes <= memory else {
      throw .tooLarge(
        url, fault: "\(bytes) bytes once unpacked; the limit is \(memory)",
        remedy: "save it as grey of 8 or 16 bits")
    }
    guard bytes / ratio <= stored else {
      throw .corrupt(url, fault: "its header announces more pixels than it can hold")
    }
  }
}

/// Decoded samples of 8 or, in the machine's byte order, 16 bits.
struct PackedSamples {
  private let bytes: [UInt8]
  private let isWide: Bool

  init(_ bytes: [UInt8], isWide: Bool) {
    self.bytes = bytes
    self.isWide = isWide
  }

  /// The sample of a number from 0.
  subscript(index: Int) -> Float {
    guard isWide else { return Float(bytes[index]) }
    let pair = (UInt16(bytes[2 * index]), UInt16(bytes[2 * index + 1]))
    let little = UInt16(littleEndian: 1) == 1
    return Float(little ? pair.0 | pair.1 << 8 : pair.0 << 8 | pair.1)
  }
}
