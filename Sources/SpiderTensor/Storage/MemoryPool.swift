import SpiderSupport
import Synchronization

/// Memory that goes from tensor to tensor instead of back to the system.
///
/// A pass through a large network makes and drops hundreds of tensors of a few sizes, and memory fresh from the
/// system costs a fault for every page of 4 KiB. Within ``reusing(_:)`` large blocks are kept when their tensor
/// goes, and a tensor that nearly fills one takes it. That changes where numbers lie, never what they are.
package final class MemoryPool: Sendable {
  /// A block of memory on a 64-byte boundary. Whoever has one may use it alone.
  @safe
  package struct Block: @unchecked Sendable {
    @unsafe package let start: UnsafeMutableRawPointer
    package let bytes: Int

    init(bytes: Int) {
      unsafe start = UnsafeMutableRawPointer.allocate(byteCount: bytes, alignment: 64)
      self.bytes = bytes
    }

    func deallocate() { unsafe start.deallocate() }
  }

  private struct State {
    /// Scopes that have begun and not ended, on any thread.
    var scopes = 0
    /// Blocks that nothing uses.
    var free: [Block] = []
  }

  /// The memory of all tensors.
  static let tensors = MemoryPool()

  /// Smaller blocks are left to the allocator, which keeps them anyway.
  package static let least = 1 << 20
  /// The share of a block that must be used.
  private static let fill = 0.8

  private let state = Mutex(State())

  /// A pool of its own.
  package init() {}

  /// Runs `body`; large blocks that become free meanwhile serve further tensors, of the whole process. At the end of
  /// the last of such scopes they go back to the system.
  package static func reusing<Result>(_ body: () throws -> Result) rethrows -> Result {
    try tensors.keeping(body)
  }

  package func keeping<Result>(_ body: () throws -> Result) rethrows -> Result {
    state.withLock { $0.scopes += 1 }
    defer {
      let unused = state.withLock { state -> [Block] in
        state.scopes -= 1
        guard state.scopes == 0 else { return [] }
        defer { state.free = [] }
        return state.free
      }
      for block in unused { block.deallocate() }
    }
    return try body()
  }

  /// Bytes kept and not in use; none outside of scopes.
  package var freeBytes: Int { state.withLock { $0.free.reduce(0) { $0 + $1.bytes } } }

  /// A block of at least so many bytes.
  package func take(_ bytes: Int) -> Block {
    guard bytes >= Self.least else { return Block(bytes: bytes) }
    let (found, isKeeping) = state.withLock { state -> (Block?, Bool) in
      let fitting = state.free.indices.filter {
        state.free[$0].bytes >= bytes && Double(bytes) >= Self.fill * Double(state.free[$0].bytes)
      }
      let best = fitting.min { state.free[$0].bytes < state.free[$1].bytes }
      return (best.map { state.free.remove(at: $0) }, state.scopes > 0)
    }
    if let found { return found }
    let block = Block(bytes: bytes)
    // Large pages take longer to come, but a kept block comes once.
    if isKeeping { unsafe LargePages.prefer(block.start, bytes: bytes) }
    return block
  }

  /// Takes a block back.
  package func give(_ block: Block) {
    let isKept =
      block.bytes >= Self.least
      && state.withLock { state in
        guard state.scopes > 0 else { return false }
        state.free.append(block)
        return true
      }
    if !isKept { block.deallocate() }
  }
}
