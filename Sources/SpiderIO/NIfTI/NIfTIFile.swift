import Foundation

/// A NIfTI file opened for reading: its checked header and the bytes behind it.
struct NIfTIFile {
  private(set) var header: NIfTIHeader
  /// The file with the voxels; for a pair, the .img.
  private let reader: GzipReader
  /// Bytes of that file read so far.
  private let position: Int

  /// Opens a file, or both files of a .hdr/.img pair by the name of either.
  init(_ url: URL) throws(FileError) {
    let headerURL = try Self.headerURL(for: url)
    let first = try GzipReader(headerURL)
    var header = try NIfTIHeader.read(from: first)
    if header.isPair {
      reader = try GzipReader(Self.imageURL(for: headerURL))
      position = 0
    } else {
      reader = first
      position = header.version == 1 ? 348 : 540
    }
    let named = reader.url.pathExtension.lowercased() == "gz"
    if named != reader.isCompressed {
      header.notes.append(
        "read by content: \(reader.isCompressed ? "gzip, without" : "not gzip, despite") .gz")
    }
    self.header = header
    try checkSize()
  }

  /// The header that belongs to a name: for an .img the .hdr beside it.
  private static func headerURL(for url: URL) throws(FileError) -> URL {
    guard let stem = FileEnding.stem(of: url, endings: [".img.gz", ".img"]) else { return url }
    return try existing([".hdr", ".hdr.gz"], stem, beside: url)
  }

  private static func imageURL(for url: URL) throws(FileError) -> URL {
    let stem = FileEnding.stem(of: url, endings: [".hdr.gz", ".hdr", ".nii.gz", ".nii"])
    return try existing([".img", ".img.gz"], stem ?? url.path, beside: url)
  }

  private static func existing(
    _ endings: [String], _ stem: String, beside url: URL
  ) throws(FileError) -> URL {
    let candidates = endings.map { URL(fileURLWithPath: stem + $0) }
    guard let found = candidates.first(where: { FileManager.default.fileExists(atPath: $0.path) })
    else { throw .incomplete(url, missing: candidates[0]) }
    return found
  }

  /// Compares what the header announces with what the file can hold, before any memory is taken.
  private func checkSize() throws(FileError) {
    let needed = header.dataOffset + header.dataSize
    guard needed > reader.largestContent else { return }
    if reader.isCompressed {
      throw .corrupt(
        reader.url,
        fault:
          "its header announces \(needed) bytes, more than its \(reader.storedSize) compressed "
          + "bytes can hold")
    }
    throw .truncated(reader.url, expected: needed, found: reader.storedSize)
  }

  /// Hands over all voxels in order, in tiles, scaled: what is stored as n arrives as
  /// `n * slope + intercept`. Then reads the rest of the file, so that its checksum is compared.
  ///
  /// It can be called once.
  func forEachTile(
    maxVoxels: Int, _ body: (ArraySlice<Float>) throws(FileError) -> Void
  ) throws(FileError) {
    guard header.count <= maxVoxels else {
      throw .tooLarge(
        header.url,
        fault:
          "it has \(header.describedShape) = \(header.count) voxels; the limit is \(maxVoxels)",
        remedy: "raise the limit if the file is right")
    }
    let size = header.datatype.size
    let tile = 1 << 18
    var bytes = [UInt8](repeating: 0, count: min(tile, header.count) * size)
    try skip(header.dataOffset - position, &bytes)
    var values = [Float](repeating: 0, count: min(tile, header.count))
    let decoder = NIfTIDecoder(header)
    for start in stride(from: 0, to: header.count, by: tile) {
      let count = min(tile, header.count - start)
      try reader.readAll(count * size, into: &bytes, at: header.dataOffset + start * size)
      decoder.decode(bytes, count: count, into: &values)
      try body(values[..<count])
    }
    // A gzip bomb behind the data must not keep us forever.
    _ = try reader.drain(limit: max(1 << 24, header.dataSize))
  }

  private func skip(_ count: Int, _ bytes: inout [UInt8]) throws(FileError) {
    var left = count
    while left > 0 {
      let part = min(left, bytes.count)
      try reader.readAll(part, into: &bytes, at: header.dataOffset - left)
      left -= part
    }
  }
}

/// Turns stored voxels into Float: any scalar type, either byte order, scaled in double precision.
struct NIfTIDecoder {
  private let datatype: NIfTIDatatype
  private let isSwapped: Bool
  private let slope: Double
  private let intercept: Double

  /// A decoder for the data a header describes.
  init(_ header: NIfTIHeader) {
    datatype = header.datatype
    isSwapped = header.isSwapped
    slope = header.slope
    intercept = header.intercept
  }

  /// Decodes the first `count` voxels in `bytes` into the start of `values`.
  ///
  /// Integers beyond 2^24 and doubles are rounded to Float; a double too large for Float becomes
  /// infinite, and counts as such.
  func decode(_ bytes: [UInt8], count: Int, into values: inout [Float]) {
    precondition(count * datatype.size <= bytes.count && count <= values.count, "\(count) voxels")
    switch datatype {
    case .uint8: each(UInt8.self, bytes, count, &values) { Double($0) }
    case .int8: each(Int8.self, bytes, count, &values) { Double($0) }
    case .uint16: each(UInt16.self, bytes, count, &values) { Double($0) }
    case .int16: each(Int16.self, bytes, count, &values) { Double($0) }
    case .uint32: each(UInt32.self, bytes, count, &values) { Double($0) }
    case .int32: each(Int32.self, bytes, count, &values) { Double($0) }
    case .uint64: each(UInt64.self, bytes, count, &values) { Double($0) }
    case .int64: each(Int64.self, bytes, count, &values) { Double($0) }
    case .float32: each(UInt32.self, bytes, count, &values) { Double(Float(bitPattern: $0)) }
    case .float64: each(UInt64.self, bytes, count, &values) { Double(bitPattern: $0) }
    }
  }

  @inline(__always)
  private func each<Stored: FixedWidthInteger & BitwiseCopyable>(
    _ type: Stored.Type, _ bytes: [UInt8], _ count: Int, _ values: inout [Float],
    _ number: (Stored) -> Double
  ) {
    let size = MemoryLayout<Stored>.size
    unsafe bytes.withUnsafeBytes { source in
      for index in 0..<count {
        let raw = unsafe source.loadUnaligned(fromByteOffset: index * size, as: Stored.self)
        values[index] = Float(number(isSwapped ? raw.byteSwapped : raw) * slope + intercept)
      }
    }
  }
}
