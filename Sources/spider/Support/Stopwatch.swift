import Dispatch

/// Measures seconds of wall-clock time by a clock that nobody can set back.
final class Stopwatch {
  private let begun = DispatchTime.now()
  private var last = DispatchTime.now()

  /// Seconds since the last lap, or since the beginning.
  func lap() -> Double {
    let now = DispatchTime.now()
    defer { last = now }
    return Self.seconds(from: last, to: now)
  }

  /// Seconds since the beginning.
  var total: Double { Self.seconds(from: begun, to: .now()) }

  private static func seconds(from start: DispatchTime, to end: DispatchTime) -> Double {
    Double(end.uptimeNanoseconds - start.uptimeNanoseconds) / 1e9
  }
}
