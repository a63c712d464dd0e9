import Foundation

/// What people read while a command works: standard error, so that standard output stays clean.
enum Console {
  /// Whether lines can be drawn over: not in a file, nor on a terminal that says it is dumb.
  static var isTerminal: Bool {
    isatty(STDERR_FILENO) == 1 && ProcessInfo.processInfo.environment["TERM"] != "dumb"
  }

  static func say(_ text: String) { show(text + "\n") }

  /// Shows a text as it is. Work goes on when nobody can be told of it.
  static func show(_ text: String) {
    try? FileHandle.standardError.write(contentsOf: Data(text.utf8))
  }

  /// Prints the answer for people on standard output.
  static func answer(_ text: String) throws { try print(Data((text + "\n").utf8)) }

  /// Prints one JSON object on standard output.
  static func printJSON(_ value: some Encodable) throws { try print(json(value)) }

  /// A value as Spider writes JSON, with a line's end.
  static func json(_ value: some Encodable) throws -> Data {
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.prettyPrinted, .sortedKeys, .withoutEscapingSlashes]
    return try encoder.encode(value) + Data("\n".utf8)
  }

  private static func print(_ data: Data) throws {
    do {
      try FileHandle.standardOutput.write(contentsOf: data)
    } catch {
      throw CommandFailure(
        "the answer cannot be written to standard output (\(error.localizedDescription)); check "
          + "where it goes to and its free space")
    }
  }
}
