import SpiderSupport
import SpiderTensor
import SpiderTestSupport
import Testing

/// A tensor is a value, whichever way its numbers are read and written.
@Suite struct TensorTests {
  @Test func spansReadAndWriteTheNumbers() {
    var tensor = Tensor([2, 3], [0, 1, 2, 3, 4, 5])
    let copy = tensor
    var numbers = tensor.mutableSpan
    for index in numbers.indices { numbers[index] *= 2 }
    #expect(tensor.values == [0, 2, 4, 6, 8, 10])
    #expect(copy.values == [0, 1, 2, 3, 4, 5], "a copy changed")
    let span = copy.span
    let (count, fifth) = (span.count, span[4])
    #expect(count == 6 && fifth == 4)
  }

  @Test func slicesWriteToTheTensorsOwnMemory() {
    var tensor = Tensor([4], repeating: 1)
    let copy = tensor
    let slice = tensor.mutableSlice()
    slice.part(1, 2).fill(7)
    #expect(tensor.values == [1, 7, 7, 1] && copy.values == [1, 1, 1, 1])
    #expect(tensor.entry(2)[0] == 7)
  }

  @Test func aSliceForReadingIsNotWritten() async {
    await #expect(processExitsWith: .failure) {
      Tensor([4], repeating: 1).slice[0] = 2
    }
    await #expect(processExitsWith: .failure) {
      ParameterArena.ofOneNumber.fill(2)
    }
    await #expect(processExitsWith: .failure) {
      let tensor = Tensor([4], repeating: 1)
      Elements.add(tensor.slice, to: tensor.slice.part(0, 4))
    }
  }
}

extension ParameterArena {
  /// The slice of a parameter of an arena.
  fileprivate static var ofOneNumber: FloatSlice {
    var layout = ParameterLayout()
    let parameter = layout.add("x", [1], .constant(0))
    return ParameterArena(layout)[parameter]
  }
}

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
