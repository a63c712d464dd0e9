extension ReportPage.Table {
  /// The table as Markdown: its title as a heading, a dash for a figure that is not available.
  public var markdown: String {
    func line(_ cells: [String]) -> String {
      let cells = cells.map { cell in
        cell.isEmpty ? "–" : cell.map { $0 == "|" ? "\\|" : String($0) }.joined()
      }
      return "| \(cells.joined(separator: " | ")) |"
    }
    let rule = "|" + columns.indices.map { $0 == 0 ? " --- |" : " ---: |" }.joined()
    let lines = [line(columns), rule] + rows.map(line)
    return "## \(title)\n\n" + lines.joined(separator: "\n") + (note.isEmpty ? "" : "\n\n\(note)")
  }
}
