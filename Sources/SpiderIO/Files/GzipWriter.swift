import Foundation
internal import CNifti

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
    let piece = (1 << 20) / MemoryLayout<Number>.stride
    var start = numbers.startIndex
    while start < numbers.endIndex {
      let end = min(start + piece, numbers.endIndex)
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
