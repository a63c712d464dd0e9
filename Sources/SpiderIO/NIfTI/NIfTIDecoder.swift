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
