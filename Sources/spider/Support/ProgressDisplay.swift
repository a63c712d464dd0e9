import Foundation
import Synchronization

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
