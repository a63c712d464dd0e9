/// A dense array of Float32 with a shape, last axis fastest, on 64-byte aligned memory.
///
/// A value: copies share memory until one of them is written to. Layers name their shapes by letters,
/// N images, C channels, H rows, W columns, P points.
public struct Tensor: Sendable {
  /// The extent of each axis.
  public let shape: [Int]
  private var buffer: FloatBuffer

  /// A tensor filled with one number.
  public init(_ shape: [Int], repeating value: Float = 0) {
    self.shape = shape
    buffer = FloatBuffer(count: shape.reduce(1, *), repeating: value)
  }

  /// A tensor whose numbers are not set yet: for outputs that are written in full.
  public init(uninitialized shape: [Int]) {
    self.shape = shape
    buffer = FloatBuffer(uninitialized: shape.reduce(1, *))
  }

  /// A tensor with given numbers, last axis fastest.
  public init(_ shape: [Int], _ values: [Float]) {
    self.init(uninitialized: shape)
    mutableSlice().copy(from: values)
  }

  /// How many numbers it holds.
  public var count: Int { buffer.count }

  /// The numbers, last axis fastest.
  public var values: [Float] { slice.array }

  /// All numbers, to read. Writing through it would change every copy: use `mutableSlice`.
  public var slice: FloatSlice { FloatSlice(buffer, count: buffer.count) }

  /// All numbers, to write: makes the memory this tensor's own first.
  public mutating func mutableSlice() -> FloatSlice {
    if !isKnownUniquelyReferenced(&buffer) {
      let own = FloatBuffer(uninitialized: buffer.count)
      FloatSlice(own, count: own.count).copy(from: slice)
      buffer = own
    }
    return slice
  }

  /// The numbers of one entry of the first axis, such as one image of a batch, to read.
  public func entry(_ index: Int) -> FloatSlice {
    let size = count / shape[0]
    return slice.part(index * size, size)
  }
}
