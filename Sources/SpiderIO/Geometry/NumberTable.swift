import Foundation

/// Lines of numbers in a text file, separated by spaces, tabs, commas or semicolons.
///
/// Empty lines and what follows a `#` are skipped, and so is one line of column titles before the first
/// numbers.
struct NumberTable {
  /// The numbers of each line that has any.
  let lines: [(line: Int, numbers: [Double])]

  /// Reads a file of at most 16 MiB.
  ///
  /// - Throws: ``FileError``; a word that is no finite number is named with its line.
  init(_ url: URL, what: String) throws(FileError) {
    let data = try InputFile.content(of: url, limit: 1 << 24, what: what)
    guard let text = String(data: data, encoding: .utf8) else {
      throw .unknownFormat(url, expected: what, found: InputFile.kind(of: Array(data.prefix(132))))
    }
    var lines: [(line: Int, numbers: [Double])] = []
    var hasTitles = false
    for (index, line) in text.split(omittingEmptySubsequences: false, whereSeparator: \.isNewline)
      .enumerated()
    {
      let content = line.prefix { $0 != "#" }
      let words = content.split { $0.isWhitespace || $0 == "," || $0 == ";" }
      guard !words.isEmpty else { continue }
      let numbers = words.compactMap { Double($0) }
      if numbers.isEmpty, lines.isEmpty, !hasTitles {
        hasTitles = true
        continue
      }
      guard numbers.count == words.count, numbers.allSatisfy(\.isFinite) else {
        let word = words.first { !(Double($0)?.isFinite ?? false) } ?? ""
        throw .corrupt(url, fault: "line \(index + 1) holds '\(word)', which is no finite number")
      }
      lines.append((index + 1, numbers))
    }
    self.lines = lines
  }
}
