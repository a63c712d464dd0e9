import Foundation
import SpiderDRR
import SpiderReport

/// What `--json` prints of a refinement.
struct RefinementRecord: Encodable {
  let iterations: Int
  let views: [Refinement.Result.View]

  private struct View: Encodable {
    let view: Refinement.Result.View

    enum CodingKeys: String, CodingKey {
      case use, share
      case before = "residual_before"
      case after = "residual_after"
    }

    func encode(to encoder: any Encoder) throws {
      var container = encoder.container(keyedBy: CodingKeys.self)
      try container.encode(view.use, forKey: .use)
      try container.encode(view.share, forKey: .share)
      try container.encode(view.residualBefore, forKey: .before)
      try container.encode(view.residualAfter, forKey: .after)
    }
  }

  enum CodingKeys: CodingKey { case iterations, views }

  func encode(to encoder: any Encoder) throws {
    var container = encoder.container(keyedBy: CodingKeys.self)
    try container.encode(iterations, forKey: .iterations)
    try container.encode(views.map { View(view: $0) }, forKey: .views)
  }

  /// What a page says of it.
  func facts(of names: [String]) -> [ReportPage.Fact] {
    var facts = [ReportPage.Fact("Refinement", "\(iterations) steps; labels are the model's")]
    for (name, view) in zip(names, views) {
      guard let before = view.residualBefore, let after = view.residualAfter else { continue }
      facts.append(
        ReportPage.Fact(
          "Residual of \(name)",
          String(format: "%.3f before refinement, %.3f after", before, after),
          beside: view.use.words))
    }
    return facts
  }
}

extension ViewUse {
  /// In words.
  fileprivate var words: String {
    switch self {
    case .lineIntegrals: "read as line integrals"
    case .toned: "read by a fitted tone curve"
    case .contradicted: "no line integrals at 70 keV: read by a fitted tone curve"
    case .unused: "not used"
    }
  }
}
