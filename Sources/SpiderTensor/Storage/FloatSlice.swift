/// A block of Float32 memory on a 64-byte boundary, the width of a cache line and of the widest
/// vector. The only owner of tensor memory.
@safe
final class FloatBuffer: @unchecked Sendable {
  let count: Int
  @unsafe let base: UnsafeMutablePointer<Float>
  private let block: MemoryPool.Block

  /// Allocates without clearing: for outputs that are written in full.
  init(uninitialized count: Int) {
    precondition(count >= 0, "a buffer of \(count) numbers")
    self.count = count
    block = MemoryPool.tensors.take(
      max(64, (count * MemoryLayout<Float>.stride + 63) / 64 * 64))
    unsafe base = unsafe block.start.bindMemory(to: Float.self, capacity: count)
  }

  /// Allocates and fills.
  convenience init(count: Int, repeating value: Float) {
    self.init(uninitialized: count)
    unsafe base.update(repeating: value, count: count)
  }

  deinit { MemoryPool.tensors.give(block) }
}

/// A handle on part of a buffer, through which kernels read and write.
///
/// This is the engine's door to tensor memory. It aliases: two slices of one buffer see the same
/// numbers, and slices may cross threads because every worker is given its own part to write. Each use
/// checks its bounds, and each writing use that the slice was not given out for reading: a tensor's
/// numbers are written through `mutableSlice` alone, so copies stay values. The wrappers of BLAS and of
/// the C kernels take slices and nothing else.
@safe
package struct FloatSlice: @unchecked Sendable {
  let buffer: FloatBuffer
  let offset: Int
  /// How many numbers it covers.
  package let count: Int
  /// Whether it may be written through; parts inherit it.
  private let isWritable: Bool

  init(_ buffer: FloatBuffer, offset: Int = 0, count: Int, isWritable: Bool = true) {
    precondition(
      offset >= 0 && count >= 0 && offset + count <= buffer.count,
      "\(count) numbers from \(offset) on in a buffer of \(buffer.count)")
    self.buffer = buffer
    self.offset = offset
    self.count = count
    self.isWritable = isWritable
  }

  /// Scratch memory of its own, not cleared.
  package static func scratch(_ count: Int) -> FloatSlice {
    FloatSlice(FloatBuffer(uninitialized: count), count: count)
  }

  /// The part of `count` numbers from `start` on.
  package func part(_ start: Int, _ count: Int) -> FloatSlice {
    precondition(
      start >= 0 && count >= 0 && start + count <= self.count,
      "\(count) numbers from \(start) on in a slice of \(self.count)")
    return FloatSlice(
      buffer, offset: offset + start, count: count, isWritable: isWritable)
  }

  /// One number.
  package subscript(index: Int) -> Float {
    get {
      precondition(index >= 0 && index < count, "index \(index) in a slice of \(count)")
      return unsafe buffer.base[offset + index]
    }
    nonmutating set {
      precondition(index >= 0 && index < count, "index \(index) in a slice of \(count)")
      unsafe start[index] = newValue
    }
  }

  /// Sets every number.
  package func fill(_ value: Float) {
    unsafe start.update(repeating: value, count: count)
  }

  /// Copies as many numbers from another slice; the two must not overlap.
  package func copy(from other: FloatSlice) {
    precondition(count == other.count, "copying \(other.count) numbers into \(count)")
    unsafe start.update(from: other.buffer.base + other.offset, count: count)
  }

  /// Copies an array.
  package func copy(from array: [Float]) {
    precondition(count == array.count, "copying \(array.count) numbers into \(count)")
    unsafe array.withUnsafeBufferPointer { source in
      guard let from = source.baseAddress else { return }
      unsafe start.update(from: from, count: count)
    }
  }

  /// The numbers as an array.
  package var array: [Float] {
    unsafe Array(UnsafeBufferPointer(start: buffer.base + offset, count: count))
  }

  /// The address, for a wrapper that reads and has checked that `needed` numbers follow it.
  package func address(_ needed: Int) -> UnsafePointer<Float> {
    precondition(needed <= count, "\(needed) numbers needed in a slice of \(count)")
    return unsafe UnsafePointer(buffer.base + offset)
  }

  /// The address, for a wrapper that writes and has checked that `needed` numbers follow it.
  package func mutableAddress(_ needed: Int) -> UnsafeMutablePointer<Float> {
    precondition(needed <= count, "\(needed) numbers needed in a slice of \(count)")
    return unsafe start
  }

  /// The address of numbers that may be written.
  @unsafe private var start: UnsafeMutablePointer<Float> {
    precondition(isWritable, "writing through a slice of a tensor that was given out for reading")
    return unsafe buffer.base + offset
  }
}
