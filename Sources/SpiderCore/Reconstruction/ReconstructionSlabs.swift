import Dispatch
import SpiderSupport
import Synchronization

/// The slabs of a reconstruction as they become known.
///
/// ```swift
/// for try await slab in reconstructor.slabs([pa, left]) { show(slab) }
/// ```
///
/// Work begins with the first slab that is asked for, on a thread of its own. It is never more than two
/// slabs ahead of whoever takes them, one finished and one being made, so a slow consumer costs no memory.
/// It ends between two slabs when the consumer's task is cancelled, or when the loop is left.
public struct ReconstructionSlabs: AsyncSequence, Sendable {
  /// A few slices of the reconstruction.
  public typealias Element = ReconstructionSlab

  fileprivate let work: @Sendable (_ sink: (ReconstructionSlab) throws -> Void) throws -> Void

  /// Starts anew: each iterator makes a reconstruction of its own.
  public func makeAsyncIterator() -> Iterator { Iterator(work) }

  /// Takes slabs, one after the other.
  public final class Iterator: AsyncIteratorProtocol {
    private let exchange = SlabExchange()
    private let work: @Sendable (_ sink: (ReconstructionSlab) throws -> Void) throws -> Void
    private var hasBegun = false

    fileprivate init(
      _ work: @escaping @Sendable (_ sink: (ReconstructionSlab) throws -> Void) throws -> Void
    ) {
      self.work = work
    }

    deinit { exchange.cancel() }

    /// The next slab, in the order of their slices; nil after the last.
    ///
    /// - Throws: `CancellationError`, or what stopped the work.
    public func next() async throws -> ReconstructionSlab? {
      if !hasBegun {
        hasBegun = true
        let (exchange, work) = (exchange, work)
        DispatchQueue.global().async {
          exchange.finish(Result { try work { slab in try exchange.put(slab) } })
        }
      }
      let exchange = exchange
      return try await withTaskCancellationHandler {
        try await exchange.take()
      } onCancel: {
        exchange.cancel()
      }
    }
  }
}

extension ReconstructionModel {
  /// The slabs of a reconstruction from X-rays as they were read.
  ///
  /// - Parameters:
  ///   - radiographs: one a view, in any order; their geometries say where they belong.
  ///   - grid: where answers are wanted, world RAS+ mm; nil takes 128^3 voxels over the field of view.
  ///   - isocenter: the middle of the model's field of view, mm; nil takes it from the radiographs.
  ///   - options: what may be done to save time, and by how many workers.
  ///   - finished: told how it came about, after the last slab was made.
  public func slabs(
    _ radiographs: [Radiograph], on grid: VoxelGrid? = nil, isocenter: Vector3? = nil,
    options: ReconstructionOptions = ReconstructionOptions(),
    finished: @escaping @Sendable (ReconstructionSummary) -> Void = { _ in }
  ) -> ReconstructionSlabs {
    var options = options
    // Of the scope in which they are asked for; the work's own thread knows nothing of it.
    options.workers = options.workers ?? Parallel.workerCount
    return ReconstructionSlabs { [options] sink in
      finished(
        try reconstruct(
          radiographs, on: grid, isocenter: isocenter, options: options, into: sink))
    }
  }
}

/// Where the thread that makes slabs and the task that takes them meet. It holds one slab at most.
private final class SlabExchange: Sendable {
  private struct State {
    var slab: ReconstructionSlab?
    var end: Result<Void, any Error>?
    var isCancelled = false
    var taker: CheckedContinuation<ReconstructionSlab?, any Error>?
  }

  private let state = Mutex(State())
  /// Signalled when there is room for another slab.
  private let room = DispatchSemaphore(value: 0)

  init() { room.signal() }

  /// Waits for room, and leaves a slab.
  ///
  /// - Throws: `CancellationError` when no more are wanted.
  func put(_ slab: ReconstructionSlab) throws {
    room.wait()
    let taker = try state.withLock { state in
      if state.isCancelled { throw CancellationError() }
      defer { state.taker = nil }
      if state.taker == nil { state.slab = slab }
      return state.taker
    }
    guard let taker else { return }
    room.signal()
    taker.resume(returning: slab)
  }

  /// No more slabs come.
  func finish(_ result: Result<Void, any Error>) {
    let taker = state.withLock { state in
      state.end = result
      defer { state.taker = nil }
      return state.taker
    }
    taker?.resume(with: result.map { nil })
  }

  /// No more slabs are wanted: whoever waits is told.
  func cancel() {
    let taker = state.withLock { state in
      state.isCancelled = true
      state.slab = nil
      defer { state.taker = nil }
      return state.taker
    }
    room.signal()
    taker?.resume(throwing: CancellationError())
  }

  /// The next slab, as soon as it is there; nil after the last.
  func take() async throws -> ReconstructionSlab? {
    try await withCheckedThrowingContinuation { continuation in
      let answer = state.withLock { state -> Result<ReconstructionSlab?, any Error>? in
        if state.isCancelled { return .failure(CancellationError()) }
        if let slab = state.slab {
          state.slab = nil
          return .success(slab)
        }
        if let end = state.end { return end.map { nil } }
        state.taker = continuation
        return nil
      }
      guard let answer else { return }
      if case .success(.some) = answer { room.signal() }
      continuation.resume(with: answer)
    }
  }
}
