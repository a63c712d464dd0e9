import SpiderSupport
import SpiderTensor
import Testing

/// Memory that tensors hand on.
@Suite struct MemoryPoolTests {
  private let pool = MemoryPool()
  private static let bytes = 4 << 20

  private func address(_ block: MemoryPool.Block) -> Int { unsafe Int(bitPattern: block.start) }

  @Test func theNextThatFitsTakesTheMemory() {
    pool.keeping {
      let first = pool.take(Self.bytes)
      pool.give(first)
      #expect(pool.freeBytes == Self.bytes)
      let second = pool.take(Self.bytes / 10 * 9)
      #expect(address(second) == address(first) && second.bytes == Self.bytes)
      // Memory in use is nobody else's.
      let third = pool.take(Self.bytes)
      #expect(address(third) != address(second))
      pool.give(second)
      pool.give(third)
      // Neither a block far too large nor one too small.
      let small = pool.take(Self.bytes / 2)
      #expect(small.bytes == Self.bytes / 2)
      pool.give(small)
      let large = pool.take(2 * Self.bytes)
      #expect(large.bytes == 2 * Self.bytes)
      pool.give(large)
    }
    #expect(pool.freeBytes == 0)
  }

  @Test func nothingIsKeptOutsideOfScopes() {
    pool.give(pool.take(Self.bytes))
    #expect(pool.freeBytes == 0)
    let outliving = pool.keeping { () -> MemoryPool.Block in
      pool.give(pool.take(MemoryPool.least - 64))
      #expect(pool.freeBytes == 0, "small blocks are the allocator's")
      return pool.take(Self.bytes)
    }
    pool.give(outliving)
    #expect(pool.freeBytes == 0)
  }

  @Test func theOutermostScopeGivesBack() {
    struct Fault: Error {}
    pool.keeping {
      #expect(throws: Fault.self) {
        try pool.keeping {
          pool.give(pool.take(Self.bytes))
          throw Fault()
        }
      }
      #expect(pool.freeBytes == Self.bytes)
    }
    #expect(pool.freeBytes == 0)
  }

  @Test func workersShareNoMemory() {
    MemoryPool.reusing {
      Parallel.forEach(64) { index in
        let tensor = Tensor([MemoryPool.least / 4 + 16 * index], repeating: Float(index))
        #expect(tensor.values.allSatisfy { $0 == Float(index) })
      }
    }
  }
}
