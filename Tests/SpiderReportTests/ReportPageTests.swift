import Foundation
import SpiderReport
import Testing

@Suite struct ReportPageTests {
  private let hostile = "<script>alert(\"1\")</script> & 'x'"
  private let escaped = "&lt;script&gt;alert(&quot;1&quot;)&lt;/script&gt; &amp; &#39;x&#39;"

  private var page: ReportPage {
    var page = ReportPage(title: hostile)
    page.subtitle = hostile
    page.warnings = [hostile]
    page.headline = [.init(hostile, hostile)]
    page.pictures = [.init(title: hostile, png: Data([1, 2, 3]), caption: hostile)]
    page.tables = [
      .init(title: hostile, columns: [hostile], rows: [[hostile, hostile]], note: hostile)
    ]
    page.facts = [.init(title: hostile, facts: [.init(hostile, hostile)])]
    page.notes = [hostile]
    return page
  }

  @Test func textIsEscapedEverywhere() {
    let html = page.html()
    #expect(!html.contains("<script"))
    // Title (2), subtitle, warning, headline (2), picture (4, its alternative text holding both),
    // table (5), facts (3), note.
    let occurrences = html.components(separatedBy: escaped).count - 1
    #expect(occurrences == 2 + 1 + 1 + 2 + 4 + 5 + 3 + 1)
  }

  @Test func picturesAreInsideAndNothingIsFetched() {
    let html = page.html()
    #expect(html.contains("src=\"data:image/png;base64,AQID\""))
    #expect(html.contains("default-src 'none'"))
    for link in ["http://", "https://", "<link", "@import", "url("] {
      #expect(!html.contains(link), "\(link) would load something")
    }
  }

  @Test func declaresItsEncodingFirst() throws {
    let html = page.html()
    #expect(html.hasPrefix("<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">"))
  }

  @Test func emptyPartsLeaveNoTrace() {
    let html = ReportPage(title: "Head 5").html()
    #expect(!html.contains("<section") && !html.contains("<dl") && !html.contains("<table"))
    #expect(html.contains("<h1>Head 5</h1>"))
  }

  @Test func anEmptyCellSaysThatThereIsNoFigure() {
    var page = ReportPage(title: "t")
    page.tables = [.init(title: "Metrics", columns: ["", "HD95"], rows: [["skull", ""]])]
    #expect(page.html().contains("<th scope=\"row\">skull</th><td>\u{2013}</td>"))
  }

  @Test func controlCharactersDoNotReachThePage() {
    var page = ReportPage(title: "a\u{0}b\u{1B}[0m")
    page.subtitle = "line\nline"
    let html = page.html()
    #expect(html.contains("<h1>a\u{FFFD}b\u{FFFD}[0m</h1>"))
    #expect(html.contains("<p>line\nline</p>"))
  }
}

@Suite struct CurveFigureTests {
  @Test func curvesLieInTheirFrameAndRiseUpwards() throws {
    let figure = CurveFigure(
      title: "T", x: "minutes", y: "dB",
      series: [.init("a", [SIMD2(0, 10), SIMD2(5, 20)]), .init("none", [])])
    let svg = figure.svg
    #expect(svg.components(separatedBy: "<polyline").count == 2 && !svg.contains(">none<"))
    let points = try #require(svg.firstMatch(of: #/points="([^"]*)"/#)?.1)
      .split(separator: " ").map { $0.split(separator: ",").compactMap { Double($0) } }
    #expect(points[0][0] < points[1][0] && points[0][1] > points[1][1])
    for point in points {
      #expect((0...640).contains(point[0]) && (0...260).contains(point[1]))
    }
  }

  @Test func aFlatCurveAndASinglePointCanBeDrawn() {
    let figure = CurveFigure(title: "T", x: "x", y: "y", series: [.init("a", [SIMD2(1, 7)])])
    #expect(figure.svg.contains("<polyline") && !figure.svg.lowercased().contains("nan"))
    #expect(CurveFigure(title: "T", x: "x", y: "y", series: []).svg.isEmpty)
  }

  @Test func namesAreEscaped() {
    let figure = CurveFigure(
      title: "<b>", x: "<i>", y: "&", series: [.init("<script>", [SIMD2(0, 0), SIMD2(1, 1)])])
    #expect(!figure.svg.contains("<script") && !figure.svg.contains("<b>"))
  }
}
