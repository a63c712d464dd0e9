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

  /// Why this is no schedule, or nil.
  public var fault: String? {
    guard peak > 0, peak.isFinite else {
      return "learningRate.peak is \(peak); it must be positive"
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
