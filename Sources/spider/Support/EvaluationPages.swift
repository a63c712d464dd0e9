import Foundation
import SpiderCore
import SpiderEvaluation
import SpiderReport
import SpiderSupport
import SpiderTraining

/// The patients of a data set that a page shows: those that a method answered worst, and the best, by PSNR in the body.
struct ExtremeCases {
  /// A patient, and what was made of it.
  struct Answered {
    let patient: PreparedPatient
    let outcome: ModelScorer.Outcome

    var psnr: Double { outcome.metrics.psnrBody ?? -.infinity }
  }

  /// How many of the worst are kept: more would be shown coarser, as they share the page's size.
  private static let worstKept = 3

  /// The worst, the very worst first.
  private(set) var worst: [Answered] = []
  private var best: Answered?

  mutating func add(_ patient: PreparedPatient, _ outcome: ModelScorer.Outcome) {
    let new = Answered(patient: patient, outcome: outcome)
    let place = worst.firstIndex { new.psnr < $0.psnr } ?? worst.count
    worst.insert(new, at: place)
    if worst.count > Self.worstKept { worst.removeLast() }
    if best.map({ new.psnr > $0.psnr }) ?? true { best = new }
  }

  /// Those shown, in the order of the page's list.
  private var shown: [(name: String, answered: Answered)] {
    let names = ["worst", "2nd worst", "3rd worst"]
    let low = zip(names, worst).map { (name: $0, answered: $1) }
    guard let best, !worst.contains(where: { $0.patient.id == best.patient.id }) else {
      // So few cases that the best is among them.
      guard low.count > 1 else { return low }
      return low.dropLast() + [(name: "best", answered: low[low.count - 1].answered)]
    }
    return low + [(name: "best", answered: best)]
  }

  /// The places of the patients in ``cases``, by their names.
  var places: [String: Int] {
    Dictionary(
      shown.enumerated().map { ($1.answered.patient.id, $0) },
      uniquingKeysWith: { first, _ in first })
  }

  /// What a page shows of them: the worst first; one alone where there is one.
  var cases: [ViewerContent.Case] {
    shown.map { word, answered in
      let (patient, outcome) = (answered.patient, answered.outcome)
      var shownCase = ViewerContent.Case(
        shown.count == 1 ? patient.id : "\(word): \(patient.id)",
        [
          .init("Answer", outcome.ct, labels: outcome.labels, uncertainty: outcome.uncertainty),
          .init("Truth", patient.ct, role: .truth, labels: patient.labels),
        ],
        views: zip(outcome.views, outcome.radiographs).map {
          .init($0.description, $1, explainedBy: outcome.ct)
        })
      shownCase.figures = EvaluationTables.figures(of: outcome.metrics)
      return shownCase
    }
  }
}

/// The page of `spider evaluate`: the metrics, case by case, and the volumes to be turned over: a pair, or the worst
/// and the best of a data set.
struct EvaluationPage {
  /// The worst and the best, where it was a data set.
  var extremes: ExtremeCases?
  /// Whether it is joined of parts, which hold figures and no volumes.
  var isMerged = false
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
    if let worst = extremes?.worst.first, let cases = extremes?.cases {
      page.viewer = ViewerPayload(
        ViewerContent(cases), still: SurfaceRendering.still(of: worst.outcome.ct).png)
      page.pictures = [
        .init(
          title: "Slices of \(worst.patient.id), the worst",
          png: SliceFigure(
            result: worst.outcome.ct, resultLabels: worst.outcome.labels, truth: worst.patient.ct,
            truthLabels: worst.patient.labels
          ).render().png, caption: "Truth beside the answer.")
      ]
      page.viewer?.note.map { facts.append(.init("On this page", $0)) }
    }
    let tables = EvaluationTables(summary, baselines: baselines)
    page.headline = tables.headline
    page.tables = tables.all
    for index in page.tables.indices where page.tables[index].isSortable {
      page.tables[index].opens = extremes?.places ?? [:]
    }
    if isMerged {
      let words = "figures alone; an evaluation that is not shared out shows the worst cases"
      facts.append(.init("On this page", words))
    }
    page.facts = [.init(title: "This evaluation", facts: facts)]
    page.notes = ReportPage.conventions + [summary.convention]
    return page
  }

  private func title(_ summary: EvaluationSummary) -> String {
    summary.cases.count == 1
      ? "Evaluation of \(summary.cases[0].id)"
      : "Evaluation of \(counted(summary.cases.count, "case"))"
  }
}

/// A comparison as a page: the tables, and the same slices of every method beside the truth.
struct ComparisonPage {
  /// The errors that pictures spread from black to white, HU.
  private static let errors = DisplayWindow(low: 0, high: 500)

  private let comparison: Comparison
  private let shown: [ComparisonRun.Shown]

  init(_ comparison: Comparison, _ shown: [ComparisonRun.Shown]) {
    self.comparison = comparison
    self.shown = shown
  }

  func page() -> ReportPage {
    var page = ReportPage(title: "Methods compared")
    page.subtitle =
      "\(counted(comparison.models.count, "method")), split \(comparison.split.rawValue), \(comparison.size)^3 "
      + "voxels"
    page.headline = comparison.models.map(headline)
    page.pictures = shown.flatMap(pictures)
    if !shown.isEmpty {
      let content = ViewerContent(shown.map(viewed))
      page.viewer = ViewerPayload(
        content, still: shown.first.map { SurfaceRendering.still(of: $0.truth).png })
    }
    page.tables = ComparisonTables(comparison).all
    page.curves = curves
    page.facts = [.init(title: "This comparison", facts: PageProvenance.program + onThisPage(page))]
    page.notes = ReportPage.conventions + [comparison.convention]
    return page
  }

  private func onThisPage(_ page: ReportPage) -> [ReportPage.Fact] {
    (page.viewer?.note).map { [ReportPage.Fact("On this page", $0)] } ?? []
  }

  /// A method's main figure, in the body, with its interval.
  private func headline(_ score: MethodScore) -> ReportPage.Fact {
    let metric = score.evaluate.mean[.psnrBody]
    func text(_ value: Double) -> String { String(format: "%.1f", value) }
    var beside = "PSNR in the body"
    if let low = metric?.low, let high = metric?.high {
      beside += ", 95 %: \(text(low)) to \(text(high))"
    }
    let value = metric?.value.map { text($0) + " dB" } ?? "–"
    return ReportPage.Fact(ComparisonTables.name(score), value, beside: beside)
  }

  /// What is turned over of a patient: the truth and every answer.
  private func viewed(_ patient: ComparisonRun.Shown) -> ViewerContent.Case {
    .init(
      patient.id,
      [.init("Truth", patient.truth, role: .truth)]
        + patient.answers.map { .init($0.name, $0.ct) })
  }

  private var curves: [CurveFigure] {
    let series = comparison.models.compactMap { score in
      score.curve.map { curve in
        CurveFigure.Series(
          score.name, curve.points.map { SIMD2($0.seconds / 60, $0.psnrBody) })
      }
    }.filter { $0.points.count > 1 }
    guard !series.isEmpty else { return [] }
    return [
      CurveFigure(
        title: "Training", x: "minutes", y: "PSNR in the body, validation [dB]", series: series)
    ]
  }

  private func pictures(_ patient: ComparisonRun.Shown) -> [ReportPage.Picture] {
    // Off the middle, where both halves of the head are the same.
    let point = patient.truth.grid.center + Vector3(14, 8, 0)
    func figure(_ columns: [SliceFigure.Column], _ window: DisplayWindow) -> Data {
      var figure = SliceFigure(columns: columns, through: point)
      figure.window = window
      figure.panelSize = 200
      return figure.render().png
    }
    let volumes = figure(
      [.init(title: "Truth", volume: patient.truth)]
        + patient.answers.map { .init(title: $0.name, volume: $0.ct) }, .bone)
    let errors = figure(
      patient.answers.map { answer in
        .init(title: answer.name, volume: error(of: answer.ct, against: patient.truth))
      }, Self.errors)
    return [
      .init(
        title: patient.id, png: volumes,
        caption: "Truth and every method's answer, the same slices."),
      .init(
        title: "\(patient.id): errors", png: errors,
        caption: "Absolute difference from the truth, black 0 to white 500 HU."),
    ]
  }

  private func error(of ct: Volume, against truth: Volume) -> Volume {
    let window = CTWindow.standard
    let reference = truth.resampled(onto: ct.grid, outside: -1000)
    func clipped(_ value: Float) -> Float { window.hounsfield(window.normalize(value)) }
    return ct.withValues(zip(ct.values, reference.values).map { abs(clipped($0) - clipped($1)) })
  }
}
