/// A dense array of Float32 with a shape, last axis fastest, on 64-byte aligned memory.
///
/// A value: copies share memory until one of them is written to. Layers name their shapes by letters,
/// N images, C channels, H rows, W columns, P points.
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

  /// The numbers, last axis fastest.
  package var values: [Float] { slice.array }

  /// All numbers, to read. Writing through it would change every copy: use `mutableSlice`.
  package var slice: FloatSlice { FloatSlice(buffer, count: buffer.count) }

  /// All numbers, to write: makes the memory this tensor's own first.
  package mutating func mutableSlice() -> FloatSlice {
    if !isKnownUniquelyReferenced(&buffer) {
      let own = FloatBuffer(uninitialized: buffer.count)
      FloatSlice(own, count: own.count).copy(from: slice)
      buffer = own
    }
    return slice
  }

  /// The numbers of one entry of the first axis, such as one image of a batch, to read.
  package func entry(_ index: Int) -> FloatSlice {
    let size = count / shape[0]
    return slice.part(index * size, size)
  }
}
