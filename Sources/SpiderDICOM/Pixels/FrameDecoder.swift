import SpiderIO
internal import CGDCM

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
