/// A handle on a block of label bytes, through which kernels write: the counterpart of `FloatSlice`.
/// It aliases, and may cross threads because every worker writes its own part.
@safe
public struct LabelSlice: @unchecked Sendable {
  private let buffer: Buffer
  /// How many labels it covers.
  public let count: Int

  @safe
  private final class Buffer {
    @unsafe let base: UnsafeMutablePointer<UInt8>

    init(_ count: Int) { unsafe base = UnsafeMutablePointer.allocate(capacity: max(1, count)) }

    deinit { unsafe base.deallocate() }
  }

  /// Memory of its own, not set.
  public static func scratch(_ count: Int) -> LabelSlice {
    precondition(count >= 0, "a buffer of \(count) labels")
    return LabelSlice(buffer: Buffer(count), count: count)
  }

  /// One label.
  public subscript(index: Int) -> UInt8 {
    get {
      precondition(index >= 0 && index < count, "index \(index) in a slice of \(count)")
      return unsafe buffer.base[index]
    }
    nonmutating set {
      precondition(index >= 0 && index < count, "index \(index) in a slice of \(count)")
      unsafe buffer.base[index] = newValue
    }
  }

  /// The labels as an array.
  public var array: [UInt8] {
    unsafe Array(UnsafeBufferPointer(start: buffer.base, count: count))
  }

  /// The address, for a wrapper that has checked that `needed` labels follow it.
  package func address(_ needed: Int) -> UnsafeMutablePointer<UInt8> {
    precondition(needed <= count, "\(needed) labels needed in a slice of \(count)")
    return unsafe buffer.base
  }
}
