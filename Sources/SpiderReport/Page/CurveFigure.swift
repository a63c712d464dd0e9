import Foundation

/// Curves over one axis, as how a training went, drawn as SVG.
package struct CurveFigure {
  /// A curve.
  package struct Series {
    /// Its name.
    package var name: String
    /// Its points.
    package var points: [SIMD2<Double>]

    /// Names a curve.
    package init(_ name: String, _ points: [SIMD2<Double>]) {
      self.name = name
      self.points = points
    }
  }

  /// The title above.
  package var title: String
  /// What is along the axes, with units.
  package var axes: (x: String, y: String)
  /// The curves; those without points are left out.
  package var series: [Series]

  private static let (width, height) = (640.0, 260.0)
  private static let (left, right, top, bottom) = (52.0, 150.0, 16.0, 40.0)
  private static let colors = [
    "#5aa7ff", "#ffb43c", "#5fd08a", "#ff7a6b", "#c58bff", "#5ad6dc", "#e0d76a", "#f08bc0",
  ]

  /// A figure of curves.
  package init(title: String, x: String, y: String, series: [Series]) {
    self.title = title
    axes = (x, y)
    self.series = series.filter { !$0.points.isEmpty }
  }

  /// The figure as markup, its title a heading.
  package var svg: String {
    let points = series.flatMap(\.points)
    guard let first = points.first else { return "" }
    let low = points.reduce(first) { pointwiseMin($0, $1) }
    let high = points.reduce(first) { pointwiseMax($0, $1) }
    let span = pointwiseMax(high - low, SIMD2(repeating: 1e-9))
    let size = SIMD2(
      Self.width - Self.left - Self.right, Self.height - Self.top - Self.bottom)
    func place(_ point: SIMD2<Double>) -> SIMD2<Double> {
      let share = (point - low) / span
      return SIMD2(Self.left + share.x * size.x, Self.top + (1 - share.y) * size.y)
    }
    func number(_ value: Double) -> String { String(format: "%.4g", value) }
    func text(_ content: String, _ x: Double, _ y: Double, _ anchor: String) -> String {
      HTML.text(
        "text", content,
        attributes: "x=\"\(number(x))\" y=\"\(number(y))\" text-anchor=\"\(anchor)\"")
    }
    let (floor, edge) = (Self.height - Self.bottom, Self.width - Self.right)
    var parts = [
      "<path class=\"axis\" d=\"M\(Self.left) \(Self.top)V\(floor)H\(edge)\"/>",
      text(number(high.y), Self.left - 6, Self.top + 5, "end"),
      text(number(low.y), Self.left - 6, floor, "end"),
      text(number(low.x), Self.left, floor + 16, "middle"),
      text(number(high.x), edge, floor + 16, "middle"),
      text(axes.x, (Self.left + edge) / 2, floor + 30, "middle"),
      text(axes.y, Self.left + 8, Self.top + 5, "start"),
    ]
    for (index, curve) in series.enumerated() {
      let color = Self.colors[index % Self.colors.count]
      let line = curve.points.map(place).map { "\(number($0.x)),\(number($0.y))" }
      parts.append(
        "<polyline fill=\"none\" stroke=\"\(color)\" stroke-width=\"2\" "
          + "points=\"\(line.joined(separator: " "))\"/>")
      let y = Self.top + 6 + Double(index) * 17
      parts.append(
        "<rect x=\"\(edge + 14)\" y=\"\(y - 5)\" width=\"10\" height=\"4\" fill=\"\(color)\"/>")
      parts.append(text(curve.name, edge + 30, y + 2, "start"))
    }
    return HTML.text("h2", title)
      + HTML.element(
        "svg", parts.joined(),
        attributes:
          "viewBox=\"0 0 \(Int(Self.width)) \(Int(Self.height))\" role=\"img\" "
          + "aria-label=\"\(HTML.escaped(title))\"")
  }
}
