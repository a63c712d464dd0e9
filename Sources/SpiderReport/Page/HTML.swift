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

  /// An element around markup that is ready.
  static func element(_ tag: String, _ content: String, attributes: String = "") -> String {
    "<\(tag)\(attributes.isEmpty ? "" : " " + attributes)>\(content)</\(tag)>"
  }
}
