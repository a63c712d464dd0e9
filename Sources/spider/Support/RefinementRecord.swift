import Foundation
import SpiderCore
import SpiderDRR
import SpiderReport
import SpiderSupport

/// What `--json` prints of a refinement.
struct RefinementRecord: Encodable {
  let iterations: Int
  let views: [Refinement.Result.View]
  /// Tissue of the answer that X-rays showed to be air, ml.
  let emptied: Double
  /// The voxels of the whole field of view that were refined, mm, where the change was carried over from there.
  @NullWhenNil var carriedFrom: Double?

  /// Takes down what became of an answer.
  ///
  /// - Parameter isCarried: whether the answer was refined for the sake of another grid.
  init(_ result: Refinement.Result, of answer: Volume, isCarried: Bool = false) {
    carriedFrom = isCarried ? answer.grid.spacing.max() : nil
    iterations = result.iterations
    views = result.views
    let tissue = zip(result.emptied?.values ?? [], answer.values).count { $0 && $1 > -300 }
    emptied = Double(tissue) * abs(answer.grid.affine.determinant) / 1000
  }

  private struct View: Encodable {
    let use: ViewUse
    let share: Double
    @NullWhenNil var before: Double?
    @NullWhenNil var after: Double?

    enum CodingKeys: String, CodingKey {
      case use, share
      case before = "residual_before"
      case after = "residual_after"
    }
  }

  enum CodingKeys: String, CodingKey {
    case iterations, views
    case emptied = "emptied_ml"
    case carriedFrom = "carried_from_mm"
  }

  func encode(to encoder: any Encoder) throws {
    var container = encoder.container(keyedBy: CodingKeys.self)
    try container.encode(iterations, forKey: .iterations)
    let rows = views.map {
      View(use: $0.use, share: $0.share, before: $0.residualBefore, after: $0.residualAfter)
    }
    try container.encode(rows, forKey: .views)
    try container.encode(emptied, forKey: .emptied)
    try container.encode(carriedFrom, forKey: .carriedFrom)
  }

  /// What a page says of it.
  func facts(of names: [String]) -> [ReportPage.Fact] {
    let place = carriedFrom.map { String(format: " of the whole head at %.3g mm", $0) } ?? ""
    var facts = [
      ReportPage.Fact(
        "Refinement", "\(counted(iterations, "step"))\(place); labels are the model's")
    ]
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
