import Foundation
import Synchronization

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

/// Shows how far long work is: a bar on a terminal, a plain line every tenth otherwise.
final class ProgressDisplay: Sendable {
  private let title: String
  private let begun = Date()
  private let lastTenth = Mutex(-1)

  init(_ title: String) { self.title = title }

  /// Shows a share of the work, 0 to 1. May be called from any thread.
  /// `secondsLeft` replaces the guess from the time gone by.
  func update(_ share: Double, secondsLeft: Double? = nil) {
    let seconds = Date().timeIntervalSince(begun)
    let left = secondsLeft ?? (share > 0.01 ? seconds * (1 / share - 1) : nil)
    let time =
      share >= 1
      ? " in \(Self.duration(seconds))" : left.map { ", \(Self.duration($0)) left" } ?? ""
    let percent = Int(100 * share)
    if Console.isTerminal {
      let filled = Int(30 * share)
      let bar = String(repeating: "#", count: filled) + String(repeating: ".", count: 30 - filled)
      let end = share >= 1 ? "\n" : ""
      Console.show("\r\(title) [\(bar)] \(percent) %\(time)\u{1B}[K\(end)")
    } else {
      let tenth = Int(10 * share)
      let isNew = lastTenth.withLock { last in
        defer { last = max(last, tenth) }
        return tenth > last
      }
      if isNew { Console.say("\(title): \(percent) %\(time)") }
    }
  }

  static func duration(_ seconds: Double) -> String {
    let whole = Int(seconds.rounded(.up))
    if whole < 90 { return "\(whole) s" }
    if whole < 5400 { return "\((whole + 30) / 60) min" }
    return String(format: "%.1f h", seconds / 3600)
  }
}
