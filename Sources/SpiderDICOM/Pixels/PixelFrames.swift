import SpiderIO

/// The frames of a DICOM file: their bytes found, checked against the layout, and read one by one.
struct PixelFrames: Sendable {
  let file: DICOMFile
  let layout: PixelLayout
  /// The fragments of each compressed frame; of native pixels, the whole value.
  private let pieces: [[Range<Int>]]
  /// Whether bytes lie in words of a big endian file.
  private var areSwapped = false
  private var isCompressed: Bool { file.syntax.isCompressed }

  /// Finds the frames; nothing is decoded yet, and no memory taken.
  ///
  /// - Throws: ``/SpiderIO/FileError`` when the file cannot hold what its header claims.
  init(_ file: DICOMFile, maxPixels: Int) throws(FileError) {
    self.file = file
    let layout = try PixelLayout(file, maxPixels: maxPixels)
    self.layout = layout
    let url = file.url
    switch file.content.elements.values[DICOMAttribute.pixels.tag] {
    case .bytes(let range, let isWords, _, _) where !file.syntax.isCompressed:
      guard layout.photometric != .ybrFull422 else {
        throw .unsupported(
          url, fault: "DICOM colours of half the resolution are not read uncompressed",
          remedy: "export the image as MONOCHROME2")
      }
      guard !(file.content.isBigEndian && layout.bitsAllocated == 32) else {
        throw .unsupported(
          url, fault: "big endian DICOM pixels of 32 bits are not read",
          remedy: "convert it, for example with gdcmconv --raw")
      }
      areSwapped = isWords && file.content.isBigEndian
      let needed = layout.frameSize * layout.frames
      guard range.count >= needed else {
        throw .truncated(url, expected: range.lowerBound + needed, found: range.upperBound)
      }
      pieces = (0..<layout.frames).map {
        let start = range.lowerBound + $0 * layout.frameSize
        return [start..<start + layout.frameSize]
      }
    case .fragments(let fragments) where file.syntax.isCompressed:
      pieces = try Self.frames(of: fragments, layout, file)
    default:
      throw .corrupt(
        url,
        fault: "its DICOM pixels are not stored as its transfer syntax (\(file.syntax.name)) says")
    }
  }

  /// Tells which fragments make which frame (PS3.5 A.4): one each, all of them for a single frame, or as
  /// the offset table says.
  private static func frames(
    of fragments: [Range<Int>], _ layout: PixelLayout, _ file: DICOMFile
  ) throws(FileError) -> [[Range<Int>]] {
    let data = Array(fragments.dropFirst())
    guard let table = fragments.first, data.count >= layout.frames else {
      throw .corrupt(
        file.url,
        fault: "it has \(max(0, fragments.count - 1)) compressed pieces for \(layout.frames) frames"
      )
    }
    if layout.frames == 1 { return [data] }
    if data.count == layout.frames { return data.map { [$0] } }
    guard table.count == 4 * layout.frames else {
      throw .corrupt(file.url, fault: "nothing says which compressed pieces make which frame")
    }
    let offsets = stride(from: table.lowerBound, to: table.upperBound, by: 4).map {
      Int(file.content.unsigned($0, 4))
    }
    var result = [[Range<Int>]](repeating: [], count: layout.frames)
    var frame = 0
    for piece in data {
      // An offset counts from the first fragment's item tag, 8 bytes before its content.
      let offset = piece.lowerBound - data[0].lowerBound
      while frame + 1 < offsets.count, offset >= offsets[frame + 1] { frame += 1 }
      result[frame].append(piece)
    }
    guard result.allSatisfy({ !$0.isEmpty }) else {
      throw .corrupt(file.url, fault: "its table of frames does not go with its compressed pieces")
    }
    return result
  }

  /// The stored numbers of a frame, row by row from the top left; of colours, their luminance.
  ///
  /// - Throws: ``/SpiderIO/FileError`` when the compressed pixels are damaged.
  func stored(_ frame: Int) throws(FileError) -> [Int32] {
    let raw: [UInt8]
    var (width, isPlanar, isBigEndian) = (layout.bitsAllocated / 8, layout.isPlanar, false)
    if !isCompressed {
      let piece = pieces[frame][0]
      raw = width == 1 && areSwapped ? swappedPairs(piece) : Array(file.content.bytes[piece])
      isBigEndian = file.content.isBigEndian
    } else {
      let bytes =
        pieces[frame].count == 1
        ? Array(file.content.bytes[pieces[frame][0]])
        : pieces[frame].flatMap { file.content.bytes[$0] }
      if file.syntax == .runLength {
        guard let unpacked = RunLength.unpack(bytes, layout) else {
          throw .corrupt(file.url, fault: "its RLE pixels are damaged")
        }
        raw = unpacked
        isPlanar = true
        isBigEndian = true
      } else {
        (raw, width) = try FrameDecoder.decode(bytes, layout, file)
        isPlanar = false
        isBigEndian = UInt16(littleEndian: 1) != 1
      }
    }
    return numbers(raw, width, isPlanar, isBigEndian)
  }

  /// Bytes in words of a big endian file lie in pairs the other way round, unless stated as bytes.
  private func swappedPairs(_ piece: Range<Int>) -> [UInt8] {
    let start = pieces[0][0].lowerBound
    return piece.map { place in
      let other = start + ((place - start) ^ 1)
      // An odd number of bytes is followed by one that makes it even.
      return file.content.bytes[min(other, file.content.bytes.count - 1)]
    }
  }

  /// Takes the stored bits out of the cells: shifted down to the lowest, sign spread.
  private func numbers(
    _ raw: [UInt8], _ width: Int, _ isPlanar: Bool, _ isBigEndian: Bool
  ) -> [Int32] {
    let shift = UInt32(layout.highBit + 1 - layout.bitsStored)
    let unused = UInt32(32 - layout.bitsStored)
    let isSigned = layout.isSigned
    func number(_ sample: Int) -> Int32 {
      var cell: UInt32 = 0
      let start = sample * width
      for place in 0..<width {
        cell = cell << 8 | UInt32(raw[start + (isBigEndian ? place : width - 1 - place)])
      }
      cell = (cell >> shift) << unused
      return isSigned ? Int32(bitPattern: cell) >> Int32(unused) : Int32(bitPattern: cell >> unused)
    }
    let count = layout.count
    if layout.samples == 1 { return (0..<count).map(number) }
    func sample(_ pixel: Int, _ colour: Int) -> Int32 {
      number(isPlanar ? colour * count + pixel : 3 * pixel + colour)
    }
    switch layout.photometric {
    case .ybrFull, .ybrFull422: return (0..<count).map { sample($0, 0) }
    default:
      return (0..<count).map { pixel in
        let (r, g, b) = (sample(pixel, 0), sample(pixel, 1), sample(pixel, 2))
        // Rec. 709, as of PNG pictures; equal samples must come out exactly.
        if r == g, g == b { return g }
        let luminance: Double = 0.2126 * Double(r) + 0.7152 * Double(g) + 0.0722 * Double(b)
        return Int32(luminance.rounded())
      }
    }
  }
}
