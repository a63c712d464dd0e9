internal import CGDCM
import SpiderIO

/// The call of GDCM: one JPEG, JPEG-LS or JPEG 2000 frame in, its samples out.
enum FrameDecoder {
  /// Decodes a frame whose codestream agrees with the file's header.
  ///
  /// - Returns: samples, interleaved, in machine order, and the bytes of one.
  /// - Throws: ``/SpiderIO/FileError``.
  static func decode(
    _ bytes: [UInt8], _ layout: PixelLayout, _ file: DICOMFile
  ) throws(FileError) -> (raw: [UInt8], width: Int) {
    func corrupt(_ fault: String) -> FileError {
      .corrupt(file.url, fault: "its compressed DICOM pixels (\(file.syntax.name)) \(fault)")
    }
    guard let stream = Codestream.read(bytes), families(of: file.syntax).contains(stream.family)
    else {
      throw corrupt("are cut short or no such frame")
    }
    guard stream.columns == layout.columns, stream.rows == layout.rows,
      stream.samples == layout.samples
    else {
      throw corrupt(
        "are \(stream.columns) x \(stream.rows), but its header says \(layout.columns) x \(layout.rows)"
      )
    }
    guard (2...16).contains(stream.precision), stream.precision <= layout.bitsAllocated,
      stream.precision >= layout.bitsStored || layout.highBit == layout.bitsStored - 1
    else { throw corrupt("have \(stream.precision) bits, its header says \(layout.bitsStored)") }
    guard layout.count <= bytes.count * stream.pixelsPerByte else {
      throw corrupt("are too few bytes for its size")
    }
    let width = stream.precision <= 8 ? 1 : 2
    var frame = spider_dicom_frame(
      columns: UInt32(layout.columns), rows: UInt32(layout.rows), samples: UInt16(layout.samples),
      bits_allocated: UInt16(8 * width), bits_stored: UInt16(stream.precision),
      is_signed: stream.isSigned ? 1 : 0)
    var raw = [UInt8](repeating: 0, count: layout.count * layout.samples * width)
    let size = raw.count
    let complete = unsafe spider_gdcm_decode(
      stream.content, stream.content.count, file.syntax.rawValue, layout.photometric.rawValue,
      &frame, &raw, size)
    guard complete == 1 else { throw corrupt("are damaged") }
    return (raw, width)
  }

  private static func families(of syntax: TransferSyntax) -> Set<Codestream.Family> {
    switch syntax {
    case .jpegBaseline: [.baseline]
    case .jpegExtended: [.baseline, .extended]
    case .jpegLossless, .jpegLosslessFirstOrder: [.lossless]
    case .jpegLSLossless, .jpegLSNearLossless: [.ls]
    case .jpeg2000Lossless, .jpeg2000: [.j2k]
    default: []
    }
  }
}

/// The library that decodes DICOM pixels.
package enum GDCM {
  /// Its version.
  package static var version: String { unsafe String(cString: spider_gdcm_version()) }
}

/// Run-length compression (PS3.5 G): each byte of each sample is a segment, the highest byte first.
enum RunLength {
  /// The bytes of a frame, sample by sample and pixel by pixel, high bytes first; nil when it is damaged.
  static func unpack(_ bytes: [UInt8], _ layout: PixelLayout) -> [UInt8]? {
    let width = layout.bitsAllocated / 8
    let count = layout.count
    guard bytes.count >= 64 else { return nil }
    func word(_ index: Int) -> Int {
      (0..<4).reduce(0) { $0 | Int(bytes[4 * index + $1]) << (8 * $1) }
    }
    let segments = word(0)
    // A run of 128 takes two bytes: nothing smaller can hold the frame.
    guard segments == layout.samples * width, bytes.count * 64 >= count * segments else {
      return nil
    }
    var result = [UInt8](repeating: 0, count: count * segments)
    for segment in 0..<segments {
      let start = word(segment + 1)
      let end = segment + 1 < segments ? word(segment + 2) : bytes.count
      guard start >= 64, start <= end, end <= bytes.count else { return nil }
      // Segment s is byte s mod width of sample s / width.
      let first = segment / width * count * width + segment % width
      guard unpack(bytes[start..<end], into: &result, from: first, step: width, count: count)
      else { return nil }
    }
    return result
  }

  /// Unpacks one segment to every `step`-th byte; false when it ends early.
  private static func unpack(
    _ bytes: ArraySlice<UInt8>, into result: inout [UInt8], from first: Int, step: Int, count: Int
  ) -> Bool {
    var (source, pixel) = (bytes.startIndex, 0)
    while pixel < count {
      guard source < bytes.endIndex else { return false }
      let control = Int(Int8(bitPattern: bytes[source]))
      source += 1
      if control >= 0 {
        let length = min(control + 1, count - pixel)
        guard source + control + 1 <= bytes.endIndex else { return false }
        for place in 0..<length { result[first + (pixel + place) * step] = bytes[source + place] }
        source += control + 1
        pixel += length
      } else if control > -128 {
        guard source < bytes.endIndex else { return false }
        let length = min(1 - control, count - pixel)
        for place in 0..<length { result[first + (pixel + place) * step] = bytes[source] }
        source += 1
        pixel += length
      }
    }
    return true
  }
}
