import Dispatch
import Foundation
import Synchronization

/// Loops over the cores of the machine.
///
/// All of Spider's parallelism is here: pieces of work handed to a fixed number of workers, with BLAS
/// kept to one thread inside each. The split never depends on timing, so results are bit-identical
/// from run to run with the same worker count.
public enum Parallel {
  private static let setting = Atomic<Int>(0)
  /// Asked of the system once: Foundation reads a file of the control group each time, which cost
  /// one twentieth of a training step.
  private static let processors = max(1, ProcessInfo.processInfo.activeProcessorCount)
  @TaskLocal private static var scoped: Int?

  /// How many workers share a loop: those of the scope, see ``withWorkerCount(_:_:)``, else
  /// ``processWorkerCount``.
  public static var workerCount: Int { scoped ?? processWorkerCount }

  /// The worker count outside of any scope: the number of active processors, unless the program was told
  /// otherwise, once, at its start (`spider --threads`).
  package static var processWorkerCount: Int {
    get {
      let chosen = setting.load(ordering: .relaxed)
      return chosen > 0 ? chosen : processors
    }
    set { setting.store(max(1, newValue), ordering: .relaxed) }
  }

  /// Runs `body` with another worker count, for its own loops only: what runs beside it keeps its own.
  public static func withWorkerCount<Result>(
    _ count: Int, _ body: () throws -> Result
  ) rethrows -> Result {
    try $scoped.withValue(max(1, count), operation: body)
  }

  /// Runs `body` for every worker side by side. A scope's worker count goes with them, so that loops
  /// within loops follow it too.
  private static func perform(_ workers: Int, _ body: @Sendable (_ worker: Int) -> Void) {
    guard let count = scoped else {
      return DispatchQueue.concurrentPerform(iterations: workers, execute: body)
    }
    DispatchQueue.concurrentPerform(iterations: workers) { worker in
      withWorkerCount(count) { body(worker) }
    }
  }

  /// Runs `body` once for every index in `0..<count`, the workers taking indices as they come free.
  /// Right when every index writes its own part of the output.
  package static func forEach(_ count: Int, _ body: @Sendable (Int) -> Void) {
    forEachIndex(count) { _, index in body(index) }
  }

  /// As ``forEach(_:_:)``, for work that needs scratch memory: `body` also gets the number of the worker
  /// that took the index, below ``workerCount``. What it answers must not depend on that.
  package static func forEachIndex(
    _ count: Int, _ body: @Sendable (_ worker: Int, _ index: Int) -> Void
  ) {
    let workers = min(workerCount, count)
    guard workers > 1 else {
      for index in 0..<count { body(0, index) }
      return
    }
    let next = Counter()
    perform(workers) { worker in
      while true {
        let index = next.take()
        guard index < count else { return }
        body(worker, index)
      }
    }
  }

  /// Splits `0..<count` into one contiguous range a worker and runs them side by side.
  /// `body` gets the worker's number, for scratch memory and partial sums, and its range. The split
  /// depends on nothing but `count` and the worker count: `limit`, where memory was set aside for so
  /// many workers, else ``workerCount``.
  package static func forEachWorker(
    splitting count: Int, limit: Int? = nil,
    _ body: @Sendable (_ worker: Int, _ range: Range<Int>) -> Void
  ) {
    let workers = max(1, min(limit ?? workerCount, count))
    guard workers > 1 else { return body(0, 0..<count) }
    perform(workers) { worker in
      body(worker, (worker * count / workers)..<((worker + 1) * count / workers))
    }
  }

  /// Computes one value for every index in `0..<count`, in order.
  package static func map<Value: Sendable>(
    _ count: Int, _ transform: @Sendable (Int) -> Value
  ) -> [Value] {
    let slots = Mutex([Value?](repeating: nil, count: count))
    forEach(count) { index in
      let value = transform(index)
      slots.withLock { $0[index] = value }
    }
    return slots.withLock { $0.compactMap { $0 } }
  }

  private final class Counter: Sendable {
    private let value = Atomic<Int>(0)
    func take() -> Int { value.wrappingAdd(1, ordering: .relaxed).oldValue }
  }
}
