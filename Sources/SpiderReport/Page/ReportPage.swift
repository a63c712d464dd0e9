import Foundation

/// A report as a single HTML page.
///
/// Nothing is loaded from anywhere: pictures, style and, where there is something to turn over, volumes and
/// scripts are inside, and the page forbids the browser to fetch anything. All text is escaped, so names of
/// files and messages may hold whatever they like. It is plain data: whoever makes it decides what is on it,
/// and an empty part leaves no trace on the page.
public struct ReportPage {
  /// A name and its value, both as text.
  public struct Fact: Hashable, Sendable {
    /// Its name.
    public var name: String
    /// Its value, with the unit.
    public var value: String
    /// What it is to be compared with, such as the figures of baselines.
    public var beside: String

    /// Pairs a name with a value.
    public init(_ name: String, _ value: String, beside: String = "") {
      self.name = name
      self.value = value
      self.beside = beside
    }
  }

  /// A picture with its title and caption.
  public struct Picture: Sendable {
    /// The title above it.
    public var title: String
    /// The picture, a PNG file's bytes.
    public var png: Data
    /// The caption under it; also read out where pictures are not shown.
    public var caption: String

    /// Titles a picture.
    public init(title: String, png: Data, caption: String) {
      self.title = title
      self.png = png
      self.caption = caption
    }
  }

  /// A table whose first column names the rows and whose others hold figures.
  public struct Table: Hashable, Sendable {
    /// The title above it.
    public var title: String
    /// The heads of the columns.
    public var columns: [String]
    /// The cells, row by row. An empty cell says that a figure is not available.
    public var rows: [[String]]
    /// The note under it: the definition of the figures.
    public var note: String
    /// Whether a click on the head of a column sorts the rows by it.
    package var isSortable = false
    /// The columns whose largest figures are the worst; sorting begins with the worst.
    package var worstIsLargest: Set<Int> = []
    /// The column by which the rows are sorted at first, upwards.
    package var sortedColumn: Int?
    /// The case of the viewer that a row's name opens, by the name: its place in the viewer's list.
    package var opens: [String: Int] = [:]

    /// Builds a table.
    public init(title: String, columns: [String], rows: [[String]], note: String = "") {
      self.title = title
      self.columns = columns
      self.rows = rows
      self.note = note
    }
  }

  /// A list of facts under one title.
  public struct FactList: Hashable, Sendable {
    /// The title above it.
    public var title: String
    /// The facts, in order.
    public var facts: [Fact]

    /// Titles a list of facts.
    public init(title: String, facts: [Fact]) {
      self.title = title
      self.facts = facts
    }
  }

  /// The page's title.
  public var title: String
  /// One line under the title.
  public var subtitle = ""
  /// Warnings to read before the rest.
  public var warnings: [String] = []
  /// The few figures that matter most, shown large.
  public var headline: [Fact] = []
  /// The pictures, in order.
  public var pictures: [Picture] = []
  /// Metrics and timings.
  public var tables: [Table] = []
  /// The model, the geometry, the files.
  public var facts: [FactList] = []
  /// The conventions by which the page is to be read.
  public var notes: [String] = []
  /// How trainings went.
  package var curves: [CurveFigure] = []
  /// What is turned over interactively. The pictures are then for browsers that cannot, and for paper.
  package var viewer: ViewerPayload?

  /// An empty page with a title.
  public init(title: String) { self.title = title }

  /// The notes on conventions that hold for every report of Spider.
  public static let conventions = [
    "Positions are in world coordinates of the patient: RAS+, in millimetres (x to the patient's "
      + "right, y to the front, z up).",
    "Slices are shown the radiological way: in axial and coronal slices the patient's right is at "
      + "the viewer's left, in sagittal slices the patient faces the viewer's left.",
    "X-rays hang as their geometry says and show attenuation: bone is bright.",
    "A volume from two X-rays is an estimate. Structures that neither X-ray resolves come from what "
      + "the model has learned. Not for diagnosis.",
  ]
}

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
