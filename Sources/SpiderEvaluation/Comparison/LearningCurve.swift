import Foundation
import SpiderCore

/// The growth of a training run's validation figures: read from its `log.jsonl`.
public struct LearningCurve: Codable, Equatable, Sendable {
  /// One validation.
  public struct Point: Codable, Equatable, Sendable {
    /// Steps made until then.
    public var step: Int
    /// Patients seen until then.
    public var samples: Int
    /// Seconds of training until then.
    public var seconds: Double
    /// Mean PSNR in the body over the validation patients, dB.
    public var psnrBody: Double

    enum CodingKeys: String, CodingKey {
      case step, samples, seconds
      case psnrBody = "psnr_body_db"
    }

    /// A validation.
    public init(step: Int, samples: Int, seconds: Double, psnrBody: Double) {
      self.step = step
      self.samples = samples
      self.seconds = seconds
      self.psnrBody = psnrBody
    }
  }

  /// A run that gained less than this (dB) in the last quarter of its time has converged.
  public static let convergedBelow = 0.1
  /// A run that ends more than this (dB) below its best has fallen apart, as adversarial training may.
  public static let largestFall = 1.0
  /// Fewer validations than this say nothing about converging.
  public static let fewestPoints = 4

  /// The name of the log in the folder of a run.
  package static let logName = "log.jsonl"

  /// The validations, in order.
  public var points: [Point]

  /// A curve of given points.
  public init(_ points: [Point]) { self.points = points }

  /// Reads the log of a run; nil where there is none, or no validation in it.
  public init?(log url: URL) {
    struct Line: Decodable {
      var step: Int
      var samples: Int
      var seconds: Double
      var validation: EvaluationSummary.Means?
    }
    guard let text = try? String(contentsOf: url, encoding: .utf8) else { return nil }
    points = text.split(separator: "\n").compactMap { line in
      guard let line = try? JSONDecoder().decode(Line.self, from: Data(line.utf8)),
        let psnr = line.validation?[.psnrBody]?.value
      else { return nil }
      return Point(
        step: line.step, samples: line.samples, seconds: line.seconds, psnrBody: psnr)
    }
    guard !points.isEmpty else { return nil }
  }

  /// The growth of the best figure in the last quarter of the run's time, dB; nil when there are too few
  /// validations to tell.
  public var lateGain: Double? {
    guard points.count >= Self.fewestPoints, let last = points.last else { return nil }
    let early = points.filter { $0.seconds <= 0.75 * last.seconds }
    guard let before = early.map(\.psnrBody).max(), let best = points.map(\.psnrBody).max()
    else { return nil }
    return best - before
  }

  /// The distance of the last figure below the best one, dB.
  public var fall: Double? {
    guard let last = points.last, let best = points.map(\.psnrBody).max() else { return nil }
    return best - last.psnrBody
  }

  /// Whether nothing much more was to be gained, and what was gained was kept; nil when it cannot be told.
  public var hasConverged: Bool? {
    guard let lateGain, let fall else { return nil }
    return lateGain < Self.convergedBelow && fall <= Self.largestFall
  }
}
