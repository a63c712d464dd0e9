internal import CSpiderKernels

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
