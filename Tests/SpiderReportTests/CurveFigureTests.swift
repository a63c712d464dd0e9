import Foundation
import SpiderReport
import Testing

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
