/// A constant learning rate that at some time begins to fall, linearly, to zero at the end.
public struct LinearDecay: Codable, Equatable, Sendable {
  /// The rate at first.
  public var peak: Double
  /// The share of the run after which it falls; 1: never.
  public var start: Double

  /// A rate and when it falls.
  public init(peak: Double, start: Double) {
    self.peak = peak
    self.start = start
  }

  /// The rate, `progress` (0 to 1) of the way through the run.
  public func rate(progress: Double) -> Double {
    guard progress > start, start < 1 else { return peak }
    return peak * (1 - min(1, progress)) / (1 - start)
  }

  /// Why this is no schedule, or nil.
  public var fault: String? {
    guard peak > 0, peak.isFinite, (0...1).contains(start) else {
      return "learningRate.peak must be positive, learningRate.start 0 to 1"
    }
    return nil
  }
}
