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
    let all = FloatSlice.scratch(layout.count + layout.scratchCount)
    storage = all.part(0, layout.count)
    scratch = all.part(layout.count, layout.scratchCount)
  }

  /// A batch of images.
  package subscript(place: ImagePlace) -> ImageSlice { ImageSlice(place, in: storage) }

  /// Other numbers.
  package subscript(place: NumbersPlace) -> FloatSlice { storage.part(place.offset, place.count) }
}
