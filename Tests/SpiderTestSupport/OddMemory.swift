import SpiderCore
import SpiderTensor

/// Numbers at a start that no vector is aligned with, between numbers that a kernel has no business
/// with.
package struct OddMemory {
  /// The numbers.
  package let slice: FloatSlice
  private let all: FloatSlice
  private let offset: Int

  /// Numbers that start `offset` places behind a cache line's start.
  package init(_ values: [Float], offset: Int = 3) {
    self.offset = 32 + offset
    all = .scratch(values.count + 96)
    all.fill(Self.mark)
    slice = all.part(self.offset, values.count)
    slice.copy(from: values)
  }

  private static let mark: Float = 77.25

  /// The numbers as they are now.
  package var array: [Float] { slice.array }

  /// Whether nothing beside the numbers was touched.
  package var isIntact: Bool {
    let behind = offset + slice.count
    return (all.part(0, offset).array + all.part(behind, all.count - behind).array)
      .allSatisfy { $0 == Self.mark }
  }

  /// Counts that leave every kind of rest to vectors of 4, 8 and 16.
  package static let counts = [1, 2, 3, 5, 7, 8, 15, 16, 17, 31, 33, 64, 67, 130]
}
