/// Where a batch of images (N, C, H, W) lies in the arena of a pass.
package struct ImagePlace: Sendable, Equatable {
  /// Images, N.
  package let count: Int
  /// Channels, C.
  package let channels: Int
  /// Rows, H.
  package let height: Int
  /// Columns, W.
  package let width: Int
  /// Where the first image starts.
  let offset: Int
  /// Numbers from one image to the next: an image's own, or more for some channels of a larger batch.
  let stride: Int

  /// The place of a whole batch of shape (N, C, H, W).
  init(shape: [Int], offset: Int = 0) {
    precondition(shape.count == 4, "images have shape (N, C, H, W), not \(shape)")
    (count, channels, height, width) = (shape[0], shape[1], shape[2], shape[3])
    self.offset = offset
    stride = shape[1] * shape[2] * shape[3]
  }

  private init(_ whole: ImagePlace, channels: Range<Int>) {
    precondition(
      channels.lowerBound >= 0 && channels.upperBound <= whole.channels,
      "channels \(channels) of \(whole.channels)")
    (count, height, width, stride) = (whole.count, whole.height, whole.width, whole.stride)
    self.channels = channels.count
    offset = whole.offset + channels.lowerBound * whole.height * whole.width
  }

  /// Some of the channels of every image.
  package func channels(_ range: Range<Int>) -> ImagePlace { ImagePlace(self, channels: range) }

  /// Numbers of one image.
  var imageCount: Int { channels * height * width }
  /// Numbers from the first to the last.
  var extent: Int { count == 0 ? 0 : (count - 1) * stride + imageCount }
  /// Whether there is nothing between the images.
  var isContiguous: Bool { stride == imageCount || count <= 1 }
}

/// Where other numbers lie in the arena of a pass.
package struct NumbersPlace: Sendable, Equatable {
  /// How many they are.
  package let count: Int
  let offset: Int
}

/// The list of what a pass through a network keeps in memory: made once for a network and the shape of
/// its input, as `ParameterLayout` is for parameters. Layers add to it when the pass is planned.
///
/// What is released may be given out again: a plan whose pass runs forward only releases what no later
/// layer reads. A plan whose pass runs backward too releases nothing going forward, and needs nothing
/// more coming back: the gradient of an activation takes the activation's own place, once the layers
/// that read it have taken what they need.
package struct ActivationLayout: Sendable {
  /// How many numbers the arena must hold.
  package private(set) var count = 0
  /// How many numbers of scratch the layers need, one after the other.
  package private(set) var scratchCount = 0
  /// Gaps below `count`, in order, none touching another.
  private var gaps: [Range<Int>] = []

  /// An empty list.
  package init() {}

  /// A place for a batch of images of shape (N, C, H, W).
  package mutating func images(_ shape: [Int]) -> ImagePlace {
    ImagePlace(shape: shape, offset: reserve(shape.reduce(1, *)))
  }

  /// A place for `count` numbers.
  package mutating func numbers(_ count: Int) -> NumbersPlace {
    NumbersPlace(count: count, offset: reserve(count))
  }

  /// Says that some layer needs so much scratch while it works.
  package mutating func needScratch(_ count: Int) { scratchCount = max(scratchCount, count) }

  /// Gives the place of a whole batch free: no later layer reads it.
  package mutating func release(_ place: ImagePlace) {
    precondition(place.isContiguous, "some channels of a batch cannot be released")
    let freed = place.offset..<place.offset + Self.rounded(place.extent)
    var all = gaps + [freed]
    all.sort { $0.lowerBound < $1.lowerBound }
    gaps = []
    for gap in all {
      if let last = gaps.last, last.upperBound >= gap.lowerBound {
        precondition(last.upperBound == gap.lowerBound, "a place released twice")
        gaps[gaps.count - 1] = last.lowerBound..<gap.upperBound
      } else {
        gaps.append(gap)
      }
    }
  }

  /// The start of the first gap that is large enough, or of new memory.
  private mutating func reserve(_ wanted: Int) -> Int {
    let size = Self.rounded(wanted)
    if let index = gaps.firstIndex(where: { $0.count >= size }) {
      let gap = gaps.remove(at: index)
      if gap.count > size { gaps.insert(gap.lowerBound + size..<gap.upperBound, at: index) }
      return gap.lowerBound
    }
    // The last gap may reach the end, and be made longer.
    let start = gaps.last?.upperBound == count ? gaps.removeLast().lowerBound : count
    count = start + size
    return start
  }

  /// Each place starts on a 64-byte boundary.
  private static func rounded(_ count: Int) -> Int { (count + 15) / 16 * 16 }
}

/// The memory of passes through a network: one block, allocated once, in which every activation has
/// its place.
///
/// It is a handle: copies share the memory, and two passes at once need an arena each.
package struct ActivationArena: Sendable {
  private let storage: FloatSlice
  /// What a layer needs while it works, and no longer.
  package let scratch: FloatSlice

  /// Allocates what a layout asks for.
  package init(_ layout: ActivationLayout) {
    self.init(layout, in: .scratch(layout.count + layout.scratchCount))
  }

  /// Puts what a layout asks for into memory that others use in turn.
  package init(_ layout: ActivationLayout, in all: FloatSlice) {
    precondition(
      all.count >= layout.count + layout.scratchCount, "\(all.count) numbers for a whole pass")
    storage = all.part(0, layout.count)
    scratch = all.part(layout.count, layout.scratchCount)
  }

  /// A batch of images.
  package subscript(place: ImagePlace) -> ImageSlice { ImageSlice(place, in: storage) }

  /// Other numbers.
  package subscript(place: NumbersPlace) -> FloatSlice { storage.part(place.offset, place.count) }
}
