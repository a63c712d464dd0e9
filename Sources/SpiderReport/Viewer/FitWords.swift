import Foundation
import SpiderDRR
import SpiderImaging

/// How well a volume explains an X-ray, in words, with what is usual beside: a bare figure alarms.
struct FitWords {
  private let fit: Reprojection.View
  private let intensity: RadiographIntensity

  /// What is to be told of an X-ray, whose numbers mean so much.
  init(_ fit: Reprojection.View, _ intensity: RadiographIntensity) {
    self.fit = fit
    self.intensity = intensity
  }

  /// The agreement; nil where it is not known.
  var agreement: String? { fit.agreement.map(Self.text) }

  /// What the agreement is to be held against.
  var usualAgreement: String {
    "usual: \(Reprojection.usualAgreement) and more; below \(Reprojection.leastAgreement) something is wrong"
  }

  /// The error and what is usual; nil where it is not known.
  var error: String? { fit.relativeError.map { "\(Self.text($0)) (\(usualError))" } }

  private var usualError: String {
    let usual = Reprojection.usualFilmErrors
    return intensity == .relative
      ? "usual of pictures: \(usual.lowerBound) to \(usual.upperBound), which is their toning"
      : "0: all explained; an empty volume: 1"
  }

  /// All of it, for beside the pictures.
  var sentences: String {
    "Agreement \(agreement ?? "not known") (1 is full; \(usualAgreement)). "
      + "Re-projection error \(error ?? "not known")."
  }

  private static func text(_ value: Double) -> String { String(format: "%.3f", value) }
}
