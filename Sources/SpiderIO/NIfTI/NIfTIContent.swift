/// What a NIfTI file says that its numbers are, where it says anything: its intent.
///
/// Spider marks labels and uncertainty, and CT by no intent, as all the world does. (NIfTI-1, nifti1.h: `intent_code`
/// and `intent_name`.)
public enum NIfTIContent: String, Sendable, CaseIterable {
  /// Tissue classes, or the labels of any other table: NIFTI_INTENT_LABEL.
  case labels
  /// How far CT numbers may be off, HU: NIFTI_INTENT_ESTIMATE of the name "uncertainty".
  case uncertainty

  /// The code of the intent.
  var code: Int {
    switch self {
    case .labels: 1002
    case .uncertainty: 1001
    }
  }

  /// The content that a header states; nil where it states none that Spider knows.
  init?(code: Int, name: String) {
    switch code {
    case Self.labels.code: self = .labels
    case Self.uncertainty.code where name.hasPrefix(Self.uncertainty.rawValue): self = .uncertainty
    default: return nil
    }
  }

  /// What it holds, in words.
  public var words: String {
    switch self {
    case .labels: "labels"
    case .uncertainty: "how far CT numbers may be off"
    }
  }
}
