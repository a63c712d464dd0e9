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
