import Foundation

/// The models that come with Spider, by the names by which people ask for them.
public enum PretrainedModel: String, CaseIterable, Sendable {
  /// Trained on procedural heads and on real ones whose licences allow any use. The default. Apache-2.0.
  case head
  /// Trained on the heads of OpenKBP too: nearer to real ones, and under the most restrictive reading of their
  /// licence, CC BY-NC-SA 4.0: not for commercial use.
  case headResearch = "head-research"

  /// The model's file.
  ///
  /// - Throws: ``PretrainedError``.
  public var url: URL {
    get throws { try Pretrained.locate("spider-\(rawValue).safetensors") }
  }

  /// What it was trained on and measured to do (Markdown).
  ///
  /// - Throws: ``PretrainedError``.
  public var card: URL {
    get throws {
      try Pretrained.locate(self == .head ? "MODEL_CARD.md" : "MODEL_CARD_RESEARCH.md")
    }
  }

  /// The licence of its weights, as SPDX writes it.
  public var licence: String {
    switch self {
    case .head: "Apache-2.0"
    case .headResearch: "CC-BY-NC-SA-4.0"
    }
  }
}
