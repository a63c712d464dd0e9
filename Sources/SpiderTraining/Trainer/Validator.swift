import SpiderCore
import SpiderDRR
import SpiderEvaluation

/// Reconstructs held-out patients from undisturbed X-rays and scores the result.
struct Validator: Sendable {
  let cases: CaseLibrary
  let size: Int

  /// The metrics over all patients, or nil when there are none.
  func evaluate(_ method: any ReconstructionModel) throws -> EvaluationSummary? {
    guard !cases.isEmpty else { return nil }
    let evaluator = ModelScorer(method, size: size, surfaces: false)
    return EvaluationSummary(
      cases: try (0..<cases.count).map { try evaluator.evaluate(cases.patient($0).patient) })
  }
}
