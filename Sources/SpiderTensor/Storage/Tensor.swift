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

/// A batch of images (N, C, H, W) in memory that belongs to someone else: what the layers of the
/// encoder read and write.
///
/// The numbers of one image lie together, last axis fastest; from one image to the next there may be
/// more than an image has, so that some channels of a batch are a batch again: layers write side by
/// side into one batch what would otherwise be copied together.
package struct ImageSlice: Sendable {
  /// Where it lies, as to the sizes.
  package let place: ImagePlace
  private let numbers: FloatSlice

  init(_ place: ImagePlace, in memory: FloatSlice) {
    self.place = place
    numbers = memory.part(place.offset, place.extent)
  }

  /// Images, N.
  package var count: Int { place.count }
  /// Channels, C.
  package var channels: Int { place.channels }
  /// Rows, H.
  package var height: Int { place.height }
  /// Columns, W.
  package var width: Int { place.width }
  /// Numbers of one plane, H W.
  package var plane: Int { place.height * place.width }

  /// The numbers of image n: (C, H, W).
  package func image(_ n: Int) -> FloatSlice {
    numbers.part(n * place.stride, place.imageCount)
  }

  /// The numbers of some channels of image n.
  package func channels(_ range: Range<Int>, of n: Int) -> FloatSlice {
    numbers.part(n * place.stride + range.lowerBound * plane, range.count * plane)
  }

  /// All numbers (N, C, H, W), when there is nothing between the images.
  package var all: FloatSlice {
    precondition(
      place.isContiguous, "images \(place.stride) numbers apart, of \(place.imageCount) each")
    return numbers
  }
}

extension Tensor {
  /// A batch of images (N, C, H, W), to read.
  package var images: ImageSlice { ImageSlice(ImagePlace(shape: shape), in: slice) }

  /// A batch of images (N, C, H, W), to write: makes the memory this tensor's own first.
  package mutating func mutableImages() -> ImageSlice {
    ImageSlice(ImagePlace(shape: shape), in: mutableSlice())
  }
}
