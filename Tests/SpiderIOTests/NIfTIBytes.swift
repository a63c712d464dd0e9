import Foundation
import SpiderCore

/// Composes NIfTI files byte by byte from the published layout, independently of the code under test.
struct NIfTIBytes {
  var version = 1
  var isBigEndian = false
  var dim = [3, 3, 4, 5, 1, 1, 1, 1]
  var datatype = 4
  var bitsPerVoxel = 16
  var pixdim: [Double] = [1, 1, 1, 1, 0, 0, 0, 0]
  var offset: Double?
  var slope = 1.0
  var intercept = 0.0
  var units = 2
  var qformCode = 0
  var sformCode = 1
  var quaternion: [Double] = [0, 0, 0, 0, 0, 0]
  var sform: [Double] = [1, 0, 0, 0, 0, 1, 0, 0, 0, 0, 1, 0]
  var magic = "n+"
  /// The voxels, already as bytes.
  var data = [UInt8](repeating: 0, count: 120)

  var headerSize: Int { version == 1 ? 348 : 540 }

  /// The header alone.
  var header: [UInt8] {
    var bytes = [UInt8](repeating: 0, count: headerSize)
    func put(_ value: some FixedWidthInteger, _ offset: Int) {
      let ordered = isBigEndian ? value.bigEndian : value.littleEndian
      withUnsafeBytes(of: ordered) { bytes.replaceSubrange(offset..<offset + $0.count, with: $0) }
    }
    func put(real value: Double, _ offset: Int) {
      if version == 1 {
        put(Float(value).bitPattern, offset)
      } else {
        put(value.bitPattern, offset)
      }
    }
    func put(reals: [Double], _ offset: Int) {
      let size = version == 1 ? 4 : 8
      for (index, value) in reals.enumerated() { put(real: value, offset + index * size) }
    }
    put(Int32(headerSize), 0)
    let start = offset ?? (magic == "ni" ? 0 : Double(headerSize + 4))
    if version == 1 {
      for (index, count) in dim.enumerated() {
        put(Int16(truncatingIfNeeded: count), 40 + 2 * index)
      }
      put(Int16(datatype), 70)
      put(Int16(bitsPerVoxel), 72)
      put(reals: pixdim, 76)
      put(real: start, 108)
      put(reals: [slope, intercept], 112)
      bytes[123] = UInt8(units)
      put(Int16(qformCode), 252)
      put(Int16(sformCode), 254)
      put(reals: quaternion, 256)
      put(reals: sform, 280)
      bytes.replaceSubrange(344..<347, with: Array("\(magic)1".utf8))
    } else {
      bytes.replaceSubrange(4..<12, with: Array("\(magic)2".utf8) + [0, 13, 10, 26, 10])
      put(Int16(datatype), 12)
      put(Int16(bitsPerVoxel), 14)
      for (index, count) in dim.enumerated() { put(Int64(count), 16 + 8 * index) }
      put(reals: pixdim, 104)
      put(Int64(start), 168)
      put(reals: [slope, intercept], 176)
      put(Int32(qformCode), 344)
      put(Int32(sformCode), 348)
      put(reals: quaternion, 352)
      put(reals: sform, 400)
      put(Int32(units), 500)
    }
    return bytes
  }

  /// The whole single file.
  var bytes: [UInt8] { header + [0, 0, 0, 0] + data }

  /// Stores whole numbers as voxels of one of the integer types.
  mutating func store<Number: FixedWidthInteger>(_ numbers: [Number], datatype: Int) {
    self.datatype = datatype
    bitsPerVoxel = Number.bitWidth
    data = numbers.flatMap { number in
      withUnsafeBytes(of: isBigEndian ? number.bigEndian : number.littleEndian) { Array($0) }
    }
  }
}
