import Foundation
import SpiderImaging

/// A linear warm-up, then half a cosine down to a small share of the peak.
public struct LearningRateSchedule: Codable, Equatable, Sendable {
  /// The largest rate.
  public var peak: Double
  /// Steps until it is reached.
  public var warmupSteps: Int
  /// The last rate as a share of the peak.
  public var finalShare: Double

  /// The default: 2e-3 after 50 steps, down to a hundredth.
  public init(peak: Double = 2e-3, warmupSteps: Int = 50, finalShare: Double = 0.01) {
    self.peak = peak
    self.warmupSteps = warmupSteps
    self.finalShare = finalShare
  }

  /// The reason why this is no schedule, or nil.
  public var fault: String? {
    guard (1e-12...1e30).contains(peak) else {
      return "learningRate.peak is \(peak); it must be 1e-12 to 1e30"
    }
    guard (0...1).contains(finalShare), warmupSteps >= 0, warmupSteps < 1 << 30 else {
      return "learningRate.finalShare must be 0 to 1, warmupSteps at least 0"
    }
    return nil
  }

  /// The rate of a step (from 0), `progress` (0 to 1) of the way through the run.
  public func rate(step: Int, progress: Double) -> Double {
    let warmup = warmupSteps > 0 ? min(1, Double(step + 1) / Double(warmupSteps)) : 1
    let cosine = 0.5 * (1 + cos(.pi * min(1, max(0, progress))))
    return peak * warmup * (finalShare + (1 - finalShare) * cosine)
  }
}

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

  /// The reason why this is no schedule, or nil.
  public var fault: String? {
    guard (1e-12...1e3).contains(peak), (0...1).contains(start) else {
      return "learningRate.peak is \(peak); it must be 1e-12 to 1000, learningRate.start 0 to 1"
    }
    return nil
  }
}
