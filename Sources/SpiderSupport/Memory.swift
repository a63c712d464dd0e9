internal import CSpiderKernels
import Foundation

/// Memory on large pages, where the system has them.
package enum LargePages {
  /// An array of one value, on large pages of memory where it is large and the system has them: whatever
  /// goes through a volume line by line then waits less for the addresses of its pages.
  package static func filled(_ value: Float, count: Int) -> [Float] {
    unsafe [Float](unsafeUninitializedCapacity: count) { memory, written in
      if let start = memory.baseAddress {
        unsafe prefer(start, bytes: count * MemoryLayout<Float>.stride)
      }
      unsafe memory.initialize(repeating: value)
      written = count
    }
  }

  /// Asks for large pages where memory that nothing is in yet is large.
  package static func prefer(_ start: UnsafeMutableRawPointer, bytes: Int) {
    unsafe spider_prefer_large_pages(start, Int64(bytes))
  }
}

/// The most memory that this process has had.
package enum PeakMemory {
  /// Bytes, as the system counts them (VmHWM); nil where it does not say.
  package static var bytes: Int? {
    guard let status = try? String(contentsOfFile: "/proc/self/status", encoding: .utf8),
      let line = status.split(separator: "\n").first(where: { $0.hasPrefix("VmHWM:") }),
      let kilobytes = line.split(whereSeparator: \.isWhitespace).dropFirst().first.flatMap({
        Int($0)
      })
    else { return nil }
    return kilobytes * 1024
  }

  /// Counts anew from what is held now. Where the system does not allow it, the count goes on.
  package static func reset() {
    guard let handle = FileHandle(forWritingAtPath: "/proc/self/clear_refs") else { return }
    try? handle.write(contentsOf: Data("5".utf8))
    try? handle.close()
  }
}
