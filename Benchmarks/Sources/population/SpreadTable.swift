import Foundation

/// The spread of many real heads beside that of phantoms, as Markdown.
struct SpreadTable {
  let phantoms: [(name: String, heads: [MeasuredHead])]
  let real: [MeasuredHead]
  let size: Int

  var markdown: String {
    let names = real.first?.statistics.map { ($0.name, $0.unit) } ?? []
    let header =
      "| statistic | real heads | median | 2.5 to 97.5 % |"
      + phantoms.map { " \($0.name): median | 2.5 to 97.5 % | real ones within |" }.joined()
    let rule =
      "| --- | ---: | ---: | --- |" + phantoms.map { _ in " ---: | --- | ---: |" }.joined()
    var within = phantoms.map { _ in (found: 0, all: 0) }
    let rows = names.enumerated().compactMap { index, name -> String? in
      let values = real.compactMap { $0.statistics[index].value }.sorted()
      guard !values.isEmpty else { return nil }
      var row = "| \(name.0)\(name.1.isEmpty ? "" : ", \(name.1)") | \(values.count) "
      row += "| \(figure(quantile(values, 0.5))) | \(figure(inner(values))) |"
      for (place, group) in phantoms.enumerated() {
        let made = group.heads.compactMap { $0.statistics[index].value }.sorted()
        let range = inner(made)
        let found = values.count { value in
          guard let low = range.0, let high = range.1 else { return false }
          return value >= low && value <= high
        }
        within[place].found += found
        within[place].all += values.count
        row += " \(figure(quantile(made, 0.5))) | \(figure(range)) "
        row += "| \(Int((100 * Double(found) / Double(values.count)).rounded())) % |"
      }
      return row
    }
    let shares = zip(phantoms, within).map { group, count in
      let share = 100 * Double(count.found) / Double(max(1, count.all))
      return "\(figure(share)) % of \(count.all) figures within those of \(group.name) phantoms"
    }
    let summary = """
      \(real.count) real heads, \(phantoms.first?.heads.count ?? 0) phantoms of each kind, \(size)^3 voxels of \
      \(String(format: "%g", 256 / Double(size))) mm: \(shares.joined(separator: ", ")) (2.5 to 97.5 %).
      """
    return ([summary, "", header, rule] + rows).joined(separator: "\n")
  }

  private func inner(_ sorted: [Double]) -> (Double?, Double?) {
    (quantile(sorted, 0.025), quantile(sorted, 0.975))
  }
}
