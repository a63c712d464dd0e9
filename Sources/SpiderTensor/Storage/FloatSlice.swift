/// A handle on part of a buffer, through which kernels read and write.
///
/// This is the one door to tensor memory. It aliases: two slices of one buffer see the same numbers,
/// and slices may cross threads because every worker is given its own part to write. Each use checks
/// its bounds; the wrappers of BLAS and of the C kernels take slices and nothing else.
@safe
package struct FloatSlice: @unchecked Sendable {
  let buffer: FloatBuffer
  let offset: Int
  /// How many numbers it covers.
  package let count: Int

  init(_ buffer: FloatBuffer, offset: Int = 0, count: Int) {
    precondition(
      offset >= 0 && count >= 0 && offset + count <= buffer.count,
      "\(count) numbers from \(offset) on in a buffer of \(buffer.count)")
    self.buffer = buffer
    self.offset = offset
    self.count = count
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
    return FloatSlice(buffer, offset: offset + start, count: count)
  }

  /// One number.
  package subscript(index: Int) -> Float {
    get {
      precondition(index >= 0 && index < count, "index \(index) in a slice of \(count)")
      return unsafe buffer.base[offset + index]
    }
    nonmutating set {
      precondition(index >= 0 && index < count, "index \(index) in a slice of \(count)")
      unsafe buffer.base[offset + index] = newValue
    }
  }

  /// Sets every number.
  package func fill(_ value: Float) {
    unsafe (buffer.base + offset).update(repeating: value, count: count)
  }

  /// Copies as many numbers from another slice; the two must not overlap.
  package func copy(from other: FloatSlice) {
    precondition(count == other.count, "copying \(other.count) numbers into \(count)")
    unsafe (buffer.base + offset).update(from: other.buffer.base + other.offset, count: count)
  }

  /// Copies an array.
  package func copy(from array: [Float]) {
    precondition(count == array.count, "copying \(array.count) numbers into \(count)")
    unsafe array.withUnsafeBufferPointer { source in
      guard let from = source.baseAddress else { return }
      unsafe (buffer.base + offset).update(from: from, count: count)
    }
  }

  /// The numbers as an array.
  package var array: [Float] {
    unsafe Array(UnsafeBufferPointer(start: buffer.base + offset, count: count))
  }

  /// The address, for a wrapper that has checked that `needed` numbers follow it.
  package func address(_ needed: Int) -> UnsafeMutablePointer<Float> {
    precondition(needed <= count, "\(needed) numbers needed in a slice of \(count)")
    return unsafe buffer.base + offset
  }
}
