import Foundation

extension ReportPage {
  /// The whole page, to be written as UTF-8.
  public func html() -> String {
    let top = [header, warningSection, headlineSection]
    let stills = pictures.map(section)
    let rest =
      tables.map(section) + curves.map { HTML.element("section", $0.svg) }
      + [factSection, noteSection, HTML.element("footer", "Made by Spider.")]
    let sorting = tables.contains(where: \.isSortable) ? ViewerResources.sorting : ""
    var body = HTML.element("main", Self.joined(top + stills + rest))
    if let viewer {
      body = Self.joined([
        HTML.element(
          "div", Self.joined(top + [viewer.frame]), attributes: "class=\"fold\""),
        HTML.element(
          "main",
          Self.joined(
            [
              HTML.element("div", Self.joined(stills), attributes: "class=\"stills\"")
            ] + rest)),
        viewer.scripts,
      ])
    }
    body = Self.joined([body, HTML.program(sorting)])
    let hasScripts = viewer != nil || !sorting.isEmpty
    return """
      <!DOCTYPE html>
      <html lang="en">
      <head>
      <meta charset="utf-8">
      <meta name="viewport" content="width=device-width, initial-scale=1">
      <meta name="color-scheme" content="\(viewer == nil ? "light dark" : "dark")">
      <meta http-equiv="Content-Security-Policy" \
      content="default-src 'none'; img-src data:; style-src 'unsafe-inline'\
      \(hasScripts ? "; script-src 'nonce-\(HTML.nonce)'" : "")">
      \(HTML.text("title", title))
      <style>
      \(ReportStyle.css)\(viewer == nil ? "" : "\n" + ViewerResources.style)
      </style>
      </head>
      <body>
      \(body)
      </body>
      </html>

      """
  }

  private static func joined(_ parts: [String]) -> String {
    parts.filter { !$0.isEmpty }.joined(separator: "\n")
  }

  private var header: String {
    let line = subtitle.isEmpty ? "" : "\n" + HTML.text("p", subtitle)
    let danger = HTML.text("span", "Not for diagnosis", attributes: "class=\"danger\"")
    return HTML.element("header", HTML.text("h1", title) + line + danger)
  }

  private var warningSection: String {
    guard !warnings.isEmpty else { return "" }
    let items = warnings.map { HTML.text("li", $0) }.joined()
    return HTML.element(
      "section",
      HTML.text("h2", warnings.count == 1 ? "Warning" : "Warnings")
        + HTML.element("ul", items), attributes: "class=\"warnings\"")
  }

  private var headlineSection: String {
    guard !headline.isEmpty else { return "" }
    let tiles = headline.map {
      let beside =
        $0.beside.isEmpty ? "" : HTML.text("dd", $0.beside, attributes: "class=\"beside\"")
      return HTML.element("div", HTML.text("dt", $0.name) + HTML.text("dd", $0.value) + beside)
    }
    return HTML.element("dl", tiles.joined(), attributes: "class=\"headline\"")
  }

  private func section(_ picture: Picture) -> String {
    let image =
      "<img src=\"data:image/png;base64,\(picture.png.base64EncodedString())\" "
      + "alt=\"\(HTML.escaped(picture.title)). \(HTML.escaped(picture.caption))\">"
    let figure = image + HTML.text("figcaption", picture.caption)
    return HTML.element(
      "section", HTML.text("h2", picture.title) + HTML.element("figure", figure))
  }

  private func section(_ table: Table) -> String {
    let heads = table.columns.enumerated().map { column, head in
      let worst = table.worstIsLargest.contains(column) ? " data-worst=\"largest\"" : ""
      let sorted = table.sortedColumn == column ? " aria-sort=\"ascending\"" : ""
      return HTML.text("th", head, attributes: "scope=\"col\"" + worst + sorted)
    }
    let rows = table.rows.map { row in
      let cells = row.enumerated().map { column, cell in
        column == 0
          ? HTML.text("th", cell, attributes: "scope=\"row\"" + opening(cell, in: table))
          : HTML.text("td", cell.isEmpty ? "\u{2013}" : cell)
      }
      return HTML.element("tr", cells.joined())
    }
    let markup =
      HTML.element("thead", HTML.element("tr", heads.joined()))
      + HTML.element("tbody", rows.joined(separator: "\n"))
    let kind = table.isSortable ? "class=\"sortable\"" : ""
    let scroll = HTML.element(
      "div", HTML.element("table", markup, attributes: kind), attributes: "class=\"scroll\"")
    let note = table.note.isEmpty ? "" : HTML.text("p", table.note, attributes: "class=\"note\"")
    return HTML.element("section", HTML.text("h2", table.title) + scroll + note)
  }

  /// The mark of a row whose case the viewer has.
  private func opening(_ name: String, in table: Table) -> String {
    guard viewer != nil, let place = table.opens[name] else { return "" }
    return " data-opens=\"\(place)\""
  }

  private var factSection: String {
    let lists = facts.filter { !$0.facts.isEmpty }.map { list in
      let items = list.facts.map {
        HTML.text("dt", $0.name)
          + HTML.text("dd", $0.value + ($0.beside.isEmpty ? "" : " (\($0.beside))"))
      }
      return HTML.element(
        "section",
        HTML.text("h2", list.title)
          + HTML.element("dl", items.joined(separator: "\n"), attributes: "class=\"facts\""))
    }
    guard !lists.isEmpty else { return "" }
    return HTML.element("div", lists.joined(separator: "\n"), attributes: "class=\"columns\"")
  }

  private var noteSection: String {
    guard !notes.isEmpty else { return "" }
    let items = notes.map { HTML.text("li", $0) }.joined(separator: "\n")
    return HTML.element(
      "section", HTML.text("h2", "How to read this page") + HTML.element("ul", items),
      attributes: "class=\"notes\"")
  }
}

/// The little of HTML that a report needs.
enum HTML {
  /// Text as it may stand in an element or in a quoted attribute. Control characters that no HTML
  /// document may hold become the replacement character.
  static func escaped(_ text: String) -> String {
    var result = ""
    for scalar in text.unicodeScalars {
      switch scalar {
      case "&": result += "&amp;"
      case "<": result += "&lt;"
      case ">": result += "&gt;"
      case "\"": result += "&quot;"
      case "'": result += "&#39;"
      case "\t", "\n": result.unicodeScalars.append(scalar)
      case _ where scalar.properties.generalCategory == .control: result += "\u{FFFD}"
      default: result.unicodeScalars.append(scalar)
      }
    }
    return result
  }

  /// An element around text, which is escaped.
  static func text(_ tag: String, _ content: String, attributes: String = "") -> String {
    element(tag, escaped(content), attributes: attributes)
  }

  /// The mark of the scripts that a page lets run; text that found its way into the page has none.
  static let nonce = "spider"

  /// A script that the page lets run; nothing where it is empty.
  static func program(_ source: String) -> String {
    source.isEmpty ? "" : element("script", "\n\(source)\n", attributes: "nonce=\"\(nonce)\"")
  }

  /// An element around markup that is ready.
  static func element(_ tag: String, _ content: String, attributes: String = "") -> String {
    "<\(tag)\(attributes.isEmpty ? "" : " " + attributes)>\(content)</\(tag)>"
  }
}

extension ViewerPayload {
  /// The element that the scripts fill; until then, and without them, it says what is missing.
  var frame: String {
    let missing = HTML.text(
      "p",
      "JavaScript is off: planes to scroll, windows, overlays and the turning surface are missing. The still "
        + "pictures are below.", attributes: "class=\"missing\"")
    return HTML.element("div", HTML.element("noscript", missing), attributes: "id=\"viewer\"")
  }

  /// The numbers, the manifest and the scripts.
  var scripts: String {
    let data = blocks.map { id, base64 in
      HTML.element("script", base64, attributes: "type=\"text/plain\" id=\"\(id)\"")
    }
    let description = HTML.element(
      "script", manifest, attributes: "type=\"application/json\" id=\"manifest\"")
    return (data + [description, HTML.program(ViewerResources.script)]).joined(separator: "\n")
  }
}
