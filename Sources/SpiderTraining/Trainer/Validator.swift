import SpiderCore
import SpiderDRR

/// Reconstructs held-out patients from undisturbed X-rays and scores the result.
struct Validator: Sendable {
  let cases: CaseLibrary
  let size: Int

  /// The metrics over all patients, or nil when there are none.
  func evaluate(_ method: ReconstructionMethod) throws -> EvaluationSummary? {
    guard !cases.isEmpty else { return nil }
    let evaluator = ModelEvaluator(method, size: size, surfaces: false)
    return EvaluationSummary(
      cases: try (0..<cases.count).map { try evaluator.evaluate(cases.patient($0)) })
  }

  /// One number to choose the best weights by: PSNR in the body plus ten times the Dice of `bone_hu`
  /// (the voxels of 300 HU and more, whatever their label), both means over the patients, so that 0.1
  /// Dice is worth 1 dB.
  static func score(_ summary: EvaluationSummary) -> Double {
    (summary.mean[.psnrBody]?.value ?? 0) + 10 * (summary.mean[.dice, "bone_hu"]?.value ?? 0)
  }
}
