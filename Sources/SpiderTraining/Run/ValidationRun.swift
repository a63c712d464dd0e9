import Foundation
import SpiderCore
import SpiderDRR
import SpiderEvaluation
import SpiderSupport
import Synchronization

/// A validation: reconstructs held-out patients from undisturbed X-rays and scores the results.
struct ValidationRun: Sendable {
  let cases: CaseLibrary
  let size: Int

  /// The metrics over all patients, or nil when there are none.
  func evaluate(_ method: any ReconstructionModel) throws -> EvaluationSummary? {
    guard !cases.isEmpty else { return nil }
    do {
      return try summary(of: method)
    } catch is CancellationError {
      // The task was cancelled. The run stops after its step, of which this validation is a part.
      return try beyondCancellation { try summary(of: method) }
    }
  }

  private func summary(of method: any ReconstructionModel) throws -> EvaluationSummary {
    let evaluator = ModelScorer(method, size: size, surfaces: false)
    return EvaluationSummary(
      cases: try (0..<cases.count).map { try evaluator.evaluate(cases.patient($0).patient) })
  }

  /// Waits for a thread of its own, which belongs to no task, and gives what `body` gives there.
  private func beyondCancellation<Value: Sendable>(
    _ body: @escaping @Sendable () throws -> Value
  ) throws -> Value {
    let workers = Parallel.workerCount
    let found = Mutex<Result<Value, any Error>?>(nil)
    let group = DispatchGroup()
    group.enter()
    let thread = Thread {
      let result = Result { try Parallel.withWorkerCount(workers, body) }
      found.withLock { $0 = result }
      group.leave()
    }
    thread.stackSize = 8 << 20
    thread.start()
    group.wait()
    guard let result = found.withLock({ $0 }) else { preconditionFailure("no validation") }
    return try result.get()
  }
}
