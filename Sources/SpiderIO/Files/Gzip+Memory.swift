import Foundation
internal import CNifti

/// Bytes in memory as a gzip stream.
package enum GzipData {
  /// Packs bytes, at level 1 (fast) to 9 (small). The header carries no time and no name: the same bytes give
  /// the same stream.
  package static func packed(_ bytes: [UInt8], level: Int = 6) -> Data {
    var stream = unsafe z_stream()
    // 15 bits of window, and 16 for the gzip header.
    let started = unsafe deflateInit2_(
      &stream, Int32(level), Z_DEFLATED, 15 + 16, 8, Z_DEFAULT_STRATEGY, zlibVersion(),
      Int32(MemoryLayout<z_stream>.size))
    precondition(started == Z_OK, "zlib refuses level \(level)")
    defer { _ = unsafe deflateEnd(&stream) }
    var source = bytes
    var result = [UInt8](
      repeating: 0, count: Int(unsafe deflateBound(&stream, UInt(bytes.count))))
    let space = result.count
    let status = unsafe source.withUnsafeMutableBufferPointer { input in
      unsafe result.withUnsafeMutableBufferPointer { output in
        unsafe stream.next_in = input.baseAddress
        unsafe stream.avail_in = UInt32(input.count)
        unsafe stream.next_out = output.baseAddress
        unsafe stream.avail_out = UInt32(output.count)
        return unsafe deflate(&stream, Z_FINISH)
      }
    }
    precondition(status == Z_STREAM_END, "zlib needs more than its own bound")
    return Data(result.prefix(space - Int(unsafe stream.avail_out)))
  }
}
