import Dispatch

/// Measures seconds of wall-clock time by a clock that nobody can set back.
package final class Stopwatch {
  private let begun = DispatchTime.now()
  private var last = DispatchTime.now()

  /// Starts measuring.
  package init() {}

  /// Seconds since the last lap, or since the beginning.
  package func lap() -> Double {
    let now = DispatchTime.now()
    defer { last = now }
    return Self.seconds(from: last, to: now)
  }

  /// Seconds since the beginning.
  package var total: Double { Self.seconds(from: begun, to: .now()) }

  private static func seconds(from start: DispatchTime, to end: DispatchTime) -> Double {
    Double(end.uptimeNanoseconds - start.uptimeNanoseconds) / 1e9
  }
}
