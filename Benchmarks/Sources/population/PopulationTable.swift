import Foundation

/// The phantoms' spread beside every real head, as Markdown.
struct PopulationTable {
  private let phantoms: [MeasuredHead]
  private let real: [MeasuredHead]
  private let size: Int

  /// More heads than this are shown by their spread.
  static let mostColumns = 10

  init(phantoms: [MeasuredHead], real: [MeasuredHead], size: Int) {
    self.phantoms = phantoms
    self.real = real
    self.size = size
  }

  var markdown: String {
    let names = (phantoms.first ?? real.first)?.statistics.map { ($0.name, $0.unit) } ?? []
    let header =
      "| statistic | phantoms: median | 2.5 to 97.5 % | smallest to largest |"
      + real.map { " \($0.name) |" }.joined()
    let rule = "| --- | --- | --- | --- |" + real.map { _ in " --- |" }.joined()
    var (covered, touched, all) = (0, 0, 0)
    let rows = names.enumerated().map { index, name -> String in
      let values = phantoms.compactMap { $0.statistics[index].value }.sorted()
      let inner = (quantile(values, 0.025), quantile(values, 0.975))
      let outer = (values.first, values.last)
      var row = "| \(name.0)\(name.1.isEmpty ? "" : ", \(name.1)") "
      row += "| \(figure(quantile(values, 0.5))) | \(figure(inner)) | \(figure(outer)) |"
      for head in real {
        guard let value = head.statistics[index].value else {
          row += " |"
          continue
        }
        let mark: String
        all += 1
        if isIn(value, inner) {
          covered += 1
          mark = ""
        } else if isIn(value, outer) {
          touched += 1
          mark = " (at the edge)"
        } else {
          mark = value < outer.0 ?? value ? " **below**" : " **above**"
        }
        row += " \(figure(value))\(mark) |"
      }
      return row
    }
    let summary = """
      \(phantoms.count) phantoms, \(real.count) real heads, \(size)^3 voxels of \
      \(String(format: "%g", 256 / Double(size))) mm. Of \(all) figures of real heads, \(covered) lie \
      within 2.5 to 97.5 % of the phantoms, \(touched) more between their smallest and largest, \
      \(all - covered - touched) outside.
      """
    return ([summary, "", header, rule] + rows).joined(separator: "\n")
  }

  private func isIn(_ value: Double, _ range: (Double?, Double?)) -> Bool {
    guard let low = range.0, let high = range.1 else { return false }
    return value >= low && value <= high
  }
}
