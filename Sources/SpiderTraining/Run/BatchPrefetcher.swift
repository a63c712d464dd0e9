import Dispatch
import Foundation
import SpiderCore
import SpiderSupport
import Synchronization

/// Prepares the batch of the next step while the present step runs: on a thread of its own, and never
/// more than one batch ahead.
///
/// A batch depends on its step's number alone (``CaseSchedule``), and none of its numbers on how many
/// threads made it, so the run sees the very batches it would have seen one after the other. A fault in
/// preparing is kept until the batch is asked for: the steps before it are made as ever.
///
/// Not for several callers: one loop asks for its batches in order.
package final class BatchPrefetcher<Batch: Sendable>: Sendable {
  private typealias Prepared = (step: Int, batch: Result<Batch, any Error>)

  private let end: Int
  private let workers: Int
  /// Whether the step's workers have all processors, so that this one must take their gaps.
  private let yields: Bool
  private let make: @Sendable (_ step: Int) throws -> Batch
  /// Who is preparing: nobody or one thread.
  private let preparing = DispatchGroup()
  private let prepared = Mutex<Prepared?>(nil)

  /// Prepares batches of the steps before `end`; with an `end` of 0 each only when it is asked for,
  /// which is the reference of the tests.
  package init(end: Int, make: @escaping @Sendable (_ step: Int) throws -> Batch) {
    self.end = end
    self.make = make
    workers = Self.workers(of: Parallel.workerCount)
    yields = workers == 1 && Parallel.workerCount >= ProcessInfo.processInfo.activeProcessorCount
  }

  /// The number of workers that prepare beside a step: one in eight, at least one.
  ///
  /// The step keeps all of its own, since its last bits depend on their number. A batch is about a
  /// tenth of the work of its step, so one in eight has it ready in time, and the system has few
  /// threads too many, for a part of the step only.
  static func workers(of all: Int) -> Int { max(1, all / 8) }

  /// The batch of a step; begins with the one after it.
  ///
  /// - Throws: What preparing this batch threw, now or ahead.
  package func batch(step: Int) throws -> Batch {
    let batch = try take(step) ?? make(step)
    if step + 1 < end { prepare(step + 1) }
    return batch
  }

  /// Waits for the batch in the making and drops it: afterwards nothing runs any more.
  package func stop() {
    preparing.wait()
    prepared.withLock { $0 = nil }
  }

  private func prepare(_ step: Int) {
    preparing.enter()
    let thread = Thread { [self] in
      if yields { Self.yieldToTheStep() }
      let batch = Parallel.withWorkerCount(workers) { Result { try make(step) } }
      prepared.withLock { $0 = (step, batch) }
      preparing.leave()
    }
    thread.name = "batch ahead"
    thread.start()
  }

  /// Lowers the calling thread's priority, so that it takes the gaps that the step's workers leave and
  /// seldom makes one of them late: the others would wait for that one. Only by so much that other
  /// programs do not keep it, and with it the run, from going on: a third of the weight of a worker.
  ///
  /// On Linux with glibc, where priorities belong to threads. Only for a thread that starts no others:
  /// they would inherit it, and the workers of the process must not.
  private static func yieldToTheStep() {
    #if canImport(Glibc)
      // From where the process is: a run of low or high priority keeps its place among other programs.
      let own = getpriority(__priority_which_t(PRIO_PROCESS.rawValue), 0)
      _ = setpriority(__priority_which_t(PRIO_PROCESS.rawValue), 0, min(own + 5, 19))
    #endif
  }

  /// The batch that was prepared ahead, where it is that of the step.
  private func take(_ step: Int) throws -> Batch? {
    preparing.wait()
    let found = prepared.withLock { slot -> Prepared? in
      defer { slot = nil }
      return slot
    }
    guard let found, found.step == step else { return nil }
    return try found.batch.get()
  }
}
