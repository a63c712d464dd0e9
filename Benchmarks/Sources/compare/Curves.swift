import Foundation
import SpiderEvaluation
import SpiderTraining

/// Learning curves as lines of text.
enum Curves {
  /// One line a validation.
  static func text(of run: RunFolder, name: String) -> String {
    guard let curve = LearningCurve(log: run.log) else { return "\(name): no validation" }
    let lines = curve.points.map { point in
      String(
        format: "  %7d steps  %8d patients  %7.1f minutes  %6.2f dB", point.step, point.samples,
        point.seconds / 60, point.psnrBody)
    }
    let verdict: String
    switch (curve.hasConverged, curve.lateGain) {
    case (let converged?, let gain?):
      verdict = String(
        format: "%@: %.2f dB gained in the last quarter of the time, ended %.2f dB below the best",
        converged ? "converged" : "not converged", gain, curve.fall ?? 0)
    default: verdict = "too few validations to tell whether it converged"
    }
    return "\(name), PSNR in the body of the validation patients\n"
      + (lines + ["  \(verdict)"]).joined(separator: "\n")
  }
}
