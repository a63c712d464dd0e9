import Foundation
import SpiderCore
import SpiderEvaluation
import SpiderReport
import SpiderTraining

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
      "\(comparison.models.count) methods, split \(comparison.split.rawValue), \(comparison.size)^3 "
      + "voxels. Not for diagnosis."
    page.pictures = shown.flatMap(pictures)
    page.tables = ComparisonTables(comparison).all
    page.notes = ReportPage.conventions + [comparison.convention]
    return page
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
