import Foundation
import SpiderCore
import SpiderEvaluation
import SpiderReport

/// The page of `spider evaluate`: the metrics and, of a pair of volumes, both to be turned over.
struct EvaluationPage {
  /// The volumes that were compared, with the X-rays, where it was a pair.
  var compared: (pair: VolumePair, views: [ViewerContent.View])?

  func page(_ summary: EvaluationSummary, warnings: [String]) -> ReportPage {
    var page = ReportPage(title: title(summary))
    page.subtitle = "Metrics against a reference"
    page.warnings = warnings
    var baselines: [TrivialAnswers.Score] = []
    var facts = PageProvenance.program
    if let (pair, views) = compared {
      baselines = TrivialAnswers.scores(
        reference: pair.reference, labels: pair.referenceLabels, on: pair.candidate.grid,
        pair.radiographs)
      var content = ViewerContent([
        .init(
          pair.id,
          [
            .init(pair.id, pair.candidate, labels: pair.candidateLabels),
            .init("Truth", pair.reference, role: .truth, labels: pair.referenceLabels),
          ], views: views)
      ])
      content.scheme = pair.scheme
      page.viewer = ViewerPayload(content, still: SurfaceRendering.still(of: pair.candidate).png)
      page.pictures = [
        .init(
          title: "Slices",
          png: SliceFigure(
            result: pair.candidate, resultLabels: pair.candidateLabels, truth: pair.reference,
            truthLabels: pair.referenceLabels
          ).render().png, caption: "Truth beside the candidate.")
      ]
      facts += views.map { PageProvenance.fact($0.title, $0.radiograph.geometry) }
      page.viewer?.note.map { facts.append(.init("On this page", $0)) }
    }
    let tables = EvaluationTables(summary, baselines: baselines)
    page.headline = tables.headline
    page.tables = tables.all
    page.facts = [.init(title: "This evaluation", facts: facts)]
    page.notes = ReportPage.conventions + [summary.convention]
    return page
  }

  private func title(_ summary: EvaluationSummary) -> String {
    summary.cases.count == 1
      ? "Evaluation of \(summary.cases[0].id)" : "Evaluation of \(summary.cases.count) cases"
  }
}
