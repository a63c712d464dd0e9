internal import CNifti
import Foundation

/// Reads a file's bytes in order, uncompressed, whether the file is gzip or not: the content decides,
/// never the name.
@safe final class GzipReader {
  let url: URL
  /// The size of the file as it lies on the disk, bytes.
  let storedSize: Int
  /// Whether the content is gzip.
  let isCompressed: Bool
  private let file: gzFile

  /// Opens a regular file.
  init(_ url: URL) throws(FileError) {
    self.url = url
    storedSize = try InputFile.size(of: url)
    guard let file = unsafe gzopen(url.path, "rb") else {
      throw .unreadable(url, reason: systemReason(errno))
    }
    unsafe self.file = unsafe file
    _ = unsafe gzbuffer(file, 1 << 17)
    isCompressed = unsafe gzdirect(file) == 0
  }

  deinit { _ = unsafe gzclose(file) }

  /// The most uncompressed bytes the file can hold: deflate never does better than 1032 to 1.
  /// Whatever a header announces beyond that is false, and nothing need be allocated to know it.
  var largestContent: Int {
    guard isCompressed else { return storedSize }
    let (product, overflow) = storedSize.multipliedReportingOverflow(by: 1032)
    return overflow ? .max : product
  }

  /// Fills the start of `bytes` with up to `count` further bytes; fewer only at the end of the file.
  ///
  /// - Throws: ``FileError`` when a gzip stream is cut short or fails its checksum.
  func read(_ count: Int, into bytes: inout [UInt8]) throws(FileError) -> Int {
    precondition(count <= bytes.count, "\(count) bytes into a buffer of \(bytes.count)")
    var done = 0
    while done < count {
      let part = UInt32(min(count - done, 1 << 30))
      let start = done
      let got = unsafe bytes.withUnsafeMutableBytes {
        unsafe gzread(file, $0.baseAddress.map { unsafe $0 + start }, part)
      }
      try check(failed: got < 0)
      if got == 0 { break }
      done += Int(got)
    }
    return done
  }

  /// Reads exactly `count` bytes into the start of `bytes`; `position` of the first, for the error.
  func readAll(_ count: Int, into bytes: inout [UInt8], at position: Int) throws(FileError) {
    let got = try read(count, into: &bytes)
    guard got == count else {
      throw .truncated(url, expected: position + count, found: position + got)
    }
  }

  /// Reads to the end, so that the checksum behind the data is compared, and returns how many bytes
  /// were left. More than `limit` are an error.
  func drain(limit: Int) throws(FileError) -> Int {
    var buffer = [UInt8](repeating: 0, count: 1 << 16)
    var total = 0
    while true {
      let got = try read(buffer.count, into: &buffer)
      if got == 0 { return total }
      total += got
      guard total <= limit else {
        throw .corrupt(url, fault: "more than \(limit) bytes follow the data its header describes")
      }
    }
  }

  private func check(failed: Bool) throws(FileError) {
    var number: Int32 = 0
    let text = unsafe gzerror(file, &number)
    // At the end of a cut stream zlib hands out what there was and only notes Z_BUF_ERROR.
    guard failed || number == Z_BUF_ERROR else { return }
    if number == Z_BUF_ERROR { throw .corrupt(url, fault: "its gzip stream is cut short") }
    if number == Z_ERRNO { throw .unreadable(url, reason: systemReason(errno)) }
    let reason = unsafe text.map { unsafe String(cString: $0) } ?? "unknown error"
    throw .corrupt(url, fault: "its gzip stream cannot be read (\(reason))")
  }
}

/// Writes bytes into an ``AtomicFile``, compressed or as they are.
///
/// The gzip header carries no time and no name: the same bytes give the same file.
@safe final class GzipWriter {
  private let file: AtomicFile
  private var stream: gzFile?

  /// Starts writing at compression level 1 (fast) to 9 (small); nil writes the bytes as they are.
  init(_ file: AtomicFile, level: Int?) throws(FileError) {
    self.file = file
    let descriptor = dup(file.descriptor)
    guard descriptor >= 0, let stream = unsafe gzdopen(descriptor, level.map { "wb\($0)" } ?? "wbT")
    else {
      if descriptor >= 0 { _ = close(descriptor) }
      throw .notWritable(file.destination, reason: systemReason(errno))
    }
    unsafe self.stream = unsafe stream
    _ = unsafe gzbuffer(stream, 1 << 17)
  }

  deinit { if let stream = unsafe stream { _ = unsafe gzclose(stream) } }

  /// Adds the bytes of some numbers, as they lie in memory.
  func append<Number: BitwiseCopyable>(_ numbers: ArraySlice<Number>) throws(FileError) {
    guard let stream = unsafe stream else { preconditionFailure("a file already finished") }
    let tile = (1 << 20) / MemoryLayout<Number>.stride
    var start = numbers.startIndex
    while start < numbers.endIndex {
      let end = min(start + tile, numbers.endIndex)
      let complete = unsafe numbers[start..<end].withUnsafeBytes {
        unsafe gzwrite(stream, $0.baseAddress, UInt32($0.count)) == Int32($0.count)
      }
      guard complete else { throw .notWritable(file.destination, reason: systemReason(errno)) }
      start = end
    }
  }

  /// Writes what is still held back and gives the file its name.
  func commit() throws(FileError) {
    guard let stream = unsafe stream else { preconditionFailure("a file already finished") }
    unsafe self.stream = nil
    guard unsafe gzclose(stream) == Z_OK else {
      throw .notWritable(file.destination, reason: systemReason(errno))
    }
    try file.commit()
  }
}

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
