/// The memory of passes through a network: one block, allocated once, in which every activation has
/// its place, and scratch for every worker.
///
/// It is a handle: copies share the memory, and two passes at once need an arena each.
public struct ActivationArena: Sendable {
  private let storage: FloatSlice
  /// Scratch of the workers there were when the arena was made.
  public let scratch: WorkerScratch

  /// Allocates what a layout asks for.
  public init(_ layout: ActivationLayout) {
    storage = .scratch(layout.count)
    scratch = WorkerScratch(layout.scratchCount)
  }

  /// A batch of images.
  public subscript(place: ImagePlace) -> ImageSlice { ImageSlice(place, in: storage) }

  /// Other numbers.
  public subscript(place: NumbersPlace) -> FloatSlice { storage.part(place.offset, place.count) }
}

/// Memory for each worker of a loop, not cleared, to be used again by the next loop.
public struct WorkerScratch: Sendable {
  private let parts: [FloatSlice]

  /// `count` numbers for each of `workers`, all there are when nothing is said.
  public init(_ count: Int, workers: Int = Parallel.workerCount) {
    parts = (0..<workers).map { _ in .scratch(count) }
  }

  /// How many workers have scratch: the most that a loop which uses it may have.
  public var workerCount: Int { parts.count }

  /// The first `count` numbers of one worker's scratch.
  public subscript(worker: Int, count: Int) -> FloatSlice {
    precondition(worker < parts.count, "worker \(worker) of \(parts.count)")
    return parts[worker].part(0, count)
  }
}
