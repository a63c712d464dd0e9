import Foundation
import SpiderSupport
import SpiderTraining
import Synchronization
import Testing

/// Who gives way to whom while a batch is prepared beside a step.
@Suite struct BatchPriorityTests {
  private static let processors = ProcessInfo.processInfo.activeProcessorCount

  /// How much lower the priority is of the thread that prepares ahead than of this one.
  private func lowering(workers: Int) throws -> Int32 {
    @Sendable func priority() -> Int32 { getpriority(__priority_which_t(PRIO_PROCESS.rawValue), 0) }
    let here = priority()
    let ahead = Mutex<Int32?>(nil)
    let prefetcher = Parallel.withWorkerCount(workers) {
      BatchPrefetcher(end: 2) { step in
        if step == 1 { ahead.withLock { $0 = priority() } }
        return step
      }
    }
    _ = try prefetcher.batch(step: 0)
    prefetcher.stop()
    return try #require(ahead.withLock { $0 }) - here
  }

  /// A run on fewer threads than processors has room for the batch: on a busy machine a thread of low priority would keep
  /// the run from going on.
  @Test(.enabled(if: processors > 1, "needs two processors"))
  func aBatchBesideAFreeProcessorGivesWayToNobody() throws {
    #expect(try lowering(workers: 1) == 0)
  }

  @Test(
    .enabled(
      if: processors < 16, "from 16 processors on several workers prepare, and none gives way"))
  func aBatchBesideWorkersOnAllProcessorsTakesTheirGaps() throws {
    #expect(try lowering(workers: Self.processors) == 5)
  }
}
