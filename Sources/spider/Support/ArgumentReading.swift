/// Words that are none of those that are known, and which one was meant.
enum Misspelling {
  /// The known word that is nearest to a text, if it is near: at most a third of the letters added, left
  /// out, changed, or exchanged with a neighbour.
  static func nearest(to text: String, among words: [String]) -> String? {
    let ranked = words.map { (word: $0, distance: distance(text.lowercased(), $0)) }
    let best = ranked.min { ($0.distance, $0.word) < ($1.distance, $1.word) }
    return best.flatMap { $0.distance <= max(1, text.count / 3) ? $0.word : nil }
  }

  /// The number of letters to add, leave out, change or exchange with a neighbour (optimal string
  /// alignment).
  static func distance(_ a: String, _ b: String) -> Int {
    let (a, b) = (Array(a), Array(b))
    var rows = [Array(0...b.count)]
    for i in a.indices {
      var row = [i + 1]
      for j in b.indices {
        let change = rows[i][j] + (a[i] == b[j] ? 0 : 1)
        var best = min(change, rows[i][j + 1] + 1, row[j] + 1)
        if i > 0, j > 0, a[i] == b[j - 1], a[i - 1] == b[j] {
          best = min(best, rows[i - 1][j - 1] + 1)
        }
        row.append(best)
      }
      rows.append(row)
    }
    return rows[a.count][b.count]
  }
}

/// Numbers below zero as the values of options: `--threshold -300` is `--threshold=-300`.
///
/// The parser of arguments takes what begins with a dash for an option's name, unless the option's
/// declaration says otherwise. No option of Spider begins with a digit: so what looks like a number behind the name
/// of an option is its value, whatever the option.
enum NegativeNumbers {
  /// The arguments with such values joined to their options.
  static func joined(_ arguments: [String]) -> [String] {
    var joined: [String] = []
    var isLiteral = false
    for argument in arguments {
      if !isLiteral, isNegative(argument), let last = joined.last, isName(last) {
        joined[joined.count - 1] = "\(last)=\(argument)"
      } else {
        joined.append(argument)
      }
      // Behind "--" nothing is an option.
      if argument == "--" { isLiteral = true }
    }
    return joined
  }

  private static func isNegative(_ text: String) -> Bool {
    let rest = text.dropFirst()
    return text.first == "-" && (rest.first?.isNumber ?? false || rest.first == ".")
  }

  private static func isName(_ text: String) -> Bool {
    text.hasPrefix("--") && text.count > 2 && !text.contains("=")
  }
}
