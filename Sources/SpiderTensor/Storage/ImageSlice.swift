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
