import Foundation

/// A picture (PNG, JPEG, TIFF) read as grey, upright.
///
/// All formats share these steps:
///
/// 1. Colours become their luminance (Rec. 709 weights on the stored numbers, so that a grey picture
///    stored as RGB keeps its numbers). Gamma and colour profiles are not applied: the numbers are
///    those that are stored.
/// 2. A pixel that is less than half opaque is masked: it shows what lies behind the picture, and what is
///    hidden under it is often white. One that is at least half opaque keeps its own number, freed from a
///    background that it may be mixed with.
/// 3. The orientation that cameras and scanners note down (1 to 8) is obeyed.
package struct GreyPicture: Sendable, Equatable {
  /// Pixels in a row.
  package let width: Int
  /// Pixels in a column.
  package let height: Int
  /// "PNG", "JPEG" or "TIFF".
  package let format: String
  /// Bits of a stored sample; PNG pictures of fewer bits than 8 are spread to 8.
  package let bitDepth: Int
  /// The value of full white.
  package let fullScale: Float
  /// The pixels row by row from the top left, as stored: 0...``fullScale``; 0 where masked.
  package let values: [Float]
  /// `false` where the picture is transparent; nil when it is so nowhere.
  package let mask: [Bool]?
  /// How the file was understood where that shows.
  package let notes: [String]
  /// The one of ``notes`` that says that white is declared transparent, so that what is masked is white; nil where it
  /// is not. On a negative that is the open field.
  package let whiteNote: String?

  /// The most pixels that are read unless told otherwise.
  package static let mostPixels = 1 << 26

  /// Reads a picture of any of the formats, told apart by content.
  ///
  /// - Parameters:
  ///   - url: the file.
  ///   - maxPixels: larger pictures are refused before memory is taken.
  /// - Throws: ``FileError``.
  package static func read(
    _ url: URL, maxPixels: Int = mostPixels
  ) throws(FileError) -> GreyPicture {
    let bytes = try content(of: url, maxPixels: maxPixels)
    let limits = PictureLimits(url, maxPixels: maxPixels, stored: bytes.count)
    switch PictureFormat(startingWith: bytes) {
    case .png: return try PNG.decode(bytes, limits)
    case .jpeg: return try JPEG.decode(bytes, limits)
    case .tiff: return try TIFF.decode(bytes, limits)
    case nil:
      throw .unknownFormat(
        url, expected: "a picture (PNG, JPEG or TIFF)", found: InputFile.kind(of: bytes))
    }
  }

  static func content(of url: URL, maxPixels: Int) throws(FileError) -> [UInt8] {
    Array(
      try InputFile.content(
        of: url, limit: storedLimit(maxPixels: maxPixels),
        what: "a picture of at most \(maxPixels) pixels"))
  }

  /// A picture never needs much more than its raw size: 8 bytes per pixel at most.
  static func storedLimit(maxPixels: Int) -> Int {
    maxPixels > Int.max / 16 ? Int.max : maxPixels * 8 + (16 << 20)
  }
}

extension GreyPicture {
  /// Makes grey of decoded samples: pixel by pixel, in each its colours, then its opacity.
  init(_ form: PictureForm, _ source: PictureSource, _ samples: PackedSamples) {
    self.init(form, source) { pixel, channel in samples[pixel * form.channels + channel] }
  }

  /// The same with samples by pixel and channel.
  init(
    _ form: PictureForm, _ source: PictureSource, sample: (_ pixel: Int, _ channel: Int) -> Float
  ) {
    let count = form.width * form.height
    let full = form.fullScale
    var values = [Float](repeating: 0, count: count)
    var mask = form.alpha == nil ? nil : [Bool](repeating: true, count: count)
    var (hidden, partly) = (0, 0)
    for pixel in 0..<count {
      var grey = sample(pixel, 0)
      if form.colours == 3 {
        let (green, blue) = (sample(pixel, 1), sample(pixel, 2))
        // Equal samples must come out exactly, which weights that sum to 1 only nearly do.
        if grey != green || green != blue {
          grey = 0.2126 * grey + 0.7152 * green + 0.0722 * blue
        }
      }
      if let alpha = form.alpha {
        let opacity = sample(pixel, form.colours)
        guard 2 * opacity >= full else {
          mask?[pixel] = false
          hidden += 1
          continue
        }
        if opacity < full {
          partly += 1
          if alpha == .premultiplied { grey = min(grey * (full / opacity), full) }
        }
      }
      values[pixel] = grey
    }
    if hidden == 0 { mask = nil }
    var notes: [String] = []
    var whiteNote: String?
    if hidden > 0 {
      let share = "\(hidden) of \(count) pixels"
      if source.clearsWhite {
        whiteNote =
          "white is declared transparent: \(share) are masked; if it is the open field of a negative, turn the "
          + "greys round, and it counts"
      }
      notes.append(whiteNote ?? "\(share) are transparent: masked")
    }
    if partly > 0 {
      notes.append("\(partly) partly transparent pixels count with their own grey")
    }
    let orientation = source.orientation
    if let turn = orientation.description { notes.append(turn) }
    let (width, height) = (form.width, form.height)
    self.init(
      width: orientation.swapsAxes ? height : width, height: orientation.swapsAxes ? width : height,
      format: source.format.rawValue, bitDepth: form.bitDepth, fullScale: full,
      values: orientation.upright(values, width: width, height: height),
      mask: mask.map { orientation.upright($0, width: width, height: height) },
      notes: source.notes + notes, whiteNote: whiteNote)
  }

  /// The picture, unless every pixel is transparent: then there is nothing to see, and no reader of X-rays could
  /// say why.
  func shown(_ url: URL) throws(FileError) -> GreyPicture {
    guard let mask, !mask.contains(true) else { return self }
    throw .unsupported(
      url, fault: "every pixel of this picture is transparent: nothing of it is shown",
      remedy: "export it without transparency, or remove its alpha channel")
  }
}

/// What a picture's file says beside its pixels.
struct PictureSource {
  let format: PictureFormat
  var orientation = PictureOrientation.upright
  var notes: [String] = []
  /// Whether white, and it alone, is declared transparent.
  var clearsWhite = false

  /// Of a PNG file, whose eXIf chunk may hold an orientation.
  static func ofPNG(_ bytes: [UInt8]) -> PictureSource {
    PictureSource(format: .png, orientation: PictureOrientation(ofPNG: bytes))
  }
}
