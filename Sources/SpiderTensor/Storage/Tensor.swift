/// A dense array of Float32 with a shape, last axis fastest, on 64-byte aligned memory.
///
/// A value: copies share memory until one of them is written to. Layers name their shapes by letters,
/// N images, C channels, H rows, W columns, P points. The engine reads through `slice` and writes
/// through `mutableSlice`; other code takes `span`, `mutableSpan` or `values`.
package struct Tensor: Sendable {
  /// The extent of each axis.
  package let shape: [Int]
  private var buffer: FloatBuffer

  /// A tensor filled with one number.
  package init(_ shape: [Int], repeating value: Float = 0) {
    self.shape = shape
    buffer = FloatBuffer(count: shape.reduce(1, *), repeating: value)
  }

  /// A tensor whose numbers are not set yet: for outputs that are written in full.
  package init(uninitialized shape: [Int]) {
    self.shape = shape
    buffer = FloatBuffer(uninitialized: shape.reduce(1, *))
  }

  /// A tensor with given numbers, last axis fastest.
  package init(_ shape: [Int], _ values: [Float]) {
    self.init(uninitialized: shape)
    mutableSlice().copy(from: values)
  }

  /// How many numbers it holds.
  package var count: Int { buffer.count }

  /// The numbers as an array, last axis fastest.
  package var values: [Float] { slice.array }

  /// The numbers, last axis fastest, without a copy.
  package var span: Span<Float> {
    @_lifetime(borrow self)
    get {
      unsafe _overrideLifetime(
        Span(_unsafeStart: buffer.base, count: buffer.count), borrowing: self)
    }
  }

  /// The numbers, to write: makes the memory this tensor's own first.
  package var mutableSpan: MutableSpan<Float> {
    @_lifetime(&self)
    mutating get {
      makeUnique()
      return unsafe _overrideLifetime(
        MutableSpan(_unsafeStart: buffer.base, count: buffer.count), mutating: &self)
    }
  }

  /// All numbers, for the engine to read: whoever writes through it stops the program.
  package var slice: FloatSlice {
    FloatSlice(buffer, count: buffer.count, isWritable: false)
  }

  /// All numbers, for the engine to write: makes the memory this tensor's own first.
  package mutating func mutableSlice() -> FloatSlice {
    makeUnique()
    return FloatSlice(buffer, count: buffer.count)
  }

  /// The numbers of one entry of the first axis, such as one image of a batch, to read.
  package func entry(_ index: Int) -> FloatSlice {
    let size = count / shape[0]
    return slice.part(index * size, size)
  }

  private mutating func makeUnique() {
    guard !isKnownUniquelyReferenced(&buffer) else { return }
    let own = FloatBuffer(uninitialized: buffer.count)
    FloatSlice(own, count: own.count).copy(from: slice)
    buffer = own
  }
}
