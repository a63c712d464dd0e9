import SpiderEvaluation
import SpiderReport
import Testing

/// The figures of an evaluation, case by case.
@Suite struct EvaluationTableTests {
  private let summary: EvaluationSummary

  init() {
    summary = EvaluationSummary(
      cases: [("ann", 24.5, 0.8), ("<bob>", 19.25, 0.5), ("cid", nil, nil), ("dan", 31, 0.9)].map {
        (id: String, psnr: Double?, dice: Double?) in
        var metrics = CaseMetrics(id: id)
        metrics.psnrBody = psnr
        metrics.dice["skull"] = dice
        return metrics
      })
  }

  @Test func theWorstCaseIsReadFirst() {
    let tables = EvaluationTables(summary)
    #expect(tables.cases.rows.map(\.first) == ["<bob>", "ann", "dan", "cid"])
    #expect(tables.cases.rows[0][1] == "19.25" && tables.cases.rows[3][1].isEmpty)
    #expect(
      tables.overlaps.rows.map { $0[tables.overlaps.columns.firstIndex(of: "skull") ?? 0] }
        == ["0.500", "0.800", "0.900", ""])
    let worst = tables.headline.first { $0.name.hasPrefix("Worst case") }
    #expect(worst?.value == "19.2 dB" || worst?.value == "19.3 dB")
    #expect(worst?.beside == "<bob> · best 31.0 dB, dan")
  }

  /// A mean of fewer cases than there are says of how many.
  @Test func meansTellHowManyCasesTheyAreOf() {
    let tables = EvaluationTables(summary)
    #expect(tables.metrics.rows.contains(["PSNR body [dB]", "24.92 (of 3)"]))
    #expect(tables.metrics.rows.contains(["MAE body [HU]", ""]))
    let skull = tables.structures.rows.first { $0[0] == "skull" }
    #expect(skull?[1] == "0.733 (of 3)")
    let whole = EvaluationTables(EvaluationSummary(cases: Array(summary.cases[..<2])))
    #expect(whole.metrics.rows.contains(["PSNR body [dB]", "21.88"]))
  }

  /// One case is no list, and has no worst.
  @Test func oneCaseHasNoTableOfCases() {
    let tables = EvaluationTables(EvaluationSummary(cases: [summary.cases[0]]))
    #expect(!tables.all.contains { $0.title == "Cases" })
    #expect(!tables.headline.contains { $0.name.hasPrefix("Worst") })
  }

  @Test func tablesAreSortedByAScriptOfTheirOwn() {
    var page = ReportPage(title: "t")
    page.tables = EvaluationTables(summary).all
    page.tables[0].opens = ["<bob>": 0]
    let html = page.html()
    #expect(
      html.contains("<table class=\"sortable\">") && html.contains("script-src 'nonce-spider'"))
    // Sorting begins with the worst: the largest error, the smallest PSNR.
    #expect(html.contains("data-worst=\"largest\">MAE body"))
    #expect(!html.contains("data-worst=\"largest\">PSNR"))
    // There is no viewer on this page that could open a case.
    #expect(!html.contains("data-opens=\""))
    page.tables = [EvaluationTables(summary).metrics]
    #expect(!page.html().contains("<script") && !page.html().contains("script-src"))
  }

  @Test func aCaseTellsItsOwnFigures() {
    let figures = EvaluationTables.figures(of: summary.cases[0])
    #expect(figures.map(\.name) == ["PSNR body"] && figures[0].value == "24.5 dB")
  }
}
