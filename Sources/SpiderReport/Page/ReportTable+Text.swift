extension ReportPage.Table {
  /// The table as text for a terminal: columns aligned, names to the left and figures to the right, a
  /// dash for a figure that is not available.
  public func text() -> String {
    let lines = [columns] + rows.map { row in row.map { $0.isEmpty ? "-" : $0 } }
    let count = lines.map(\.count).max() ?? 0
    let widths = (0..<count).map { column in
      lines.map { column < $0.count ? $0[column].count : 0 }.max() ?? 0
    }
    let aligned = lines.map { line in
      line.enumerated().map { column, cell in
        let space = String(repeating: " ", count: widths[column] - cell.count)
        return column == 0 ? cell + space : space + cell
      }.joined(separator: "  ")
    }
    let parts = [title] + aligned + (note.isEmpty ? [] : [note])
    return parts.map { line in
      String(line.reversed().drop { $0 == " " }.reversed())
    }.joined(separator: "\n")
  }
}
