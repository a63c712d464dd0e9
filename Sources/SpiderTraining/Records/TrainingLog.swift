import Foundation
import SpiderCore
import SpiderEvaluation
import SpiderIO

/// The part of a line of the log that all networks have.
public protocol LoggedSteps: Sendable {
  /// Steps made.
  var step: Int { get }
  /// Patients seen.
  var samples: Int { get }
  /// Seconds spent training.
  var seconds: Double { get }
  /// Mean of the loss since the last line.
  var totalLoss: Double { get }
  /// Steps since the last line that were skipped.
  var skipped: Int { get }
  /// The metrics of a validation.
  var validation: EvaluationSummary.Means? { get }
}

/// One line of `log.jsonl`.
public struct LogLine<Loss: LossReport, Weights: Codable & Sendable>: Codable, LoggedSteps {
  /// Steps made.
  public var step: Int
  /// Patients seen.
  public var samples: Int
  /// Seconds spent training.
  public var seconds: Double
  /// Mean of each term since the last line.
  public var loss: Loss
  /// Each term's weight.
  public var weights: Weights
  /// The learning rate of the last step.
  public var learningRate: Double
  /// Mean length of the gradient before clipping.
  public var gradientNorm: Double
  /// Steps since the last line that were skipped, and are in no mean.
  public var skipped: Int
  /// The metrics of a validation.
  public var validation: EvaluationSummary.Means?

  /// Mean of the loss since the last line.
  public var totalLoss: Double { loss.total }

  enum CodingKeys: String, CodingKey {
    case step, samples, seconds, loss, weights, skipped
    case learningRate = "learning_rate"
    case gradientNorm = "gradient_norm"
    case validation
  }
}

/// Appends to `log.jsonl`.
struct TrainingLog {
  let url: URL

  /// Starts a log, or takes one up after a step: lines of later steps, which the run will make again,
  /// are dropped.
  init(_ url: URL, resumingAfter step: Int?) throws {
    self.url = url
    guard let step, let text = try? String(contentsOf: url, encoding: .utf8) else {
      try AtomicFile.write(Data(), to: url, overwrite: true)
      return
    }
    struct Head: Decodable { var step: Int }
    let kept = text.split(separator: "\n").filter { line in
      let head = try? JSONDecoder().decode(Head.self, from: Data(line.utf8))
      return head.map { $0.step <= step } ?? false
    }
    try AtomicFile.write(
      Data(kept.map { $0 + "\n" }.joined().utf8), to: url, overwrite: true)
  }

  func append(_ line: some Encodable) throws {
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
    var data = try encoder.encode(line)
    data.append(UInt8(ascii: "\n"))
    do {
      let handle = try FileHandle(forWritingTo: url)
      defer { try? handle.close() }
      try handle.seekToEnd()
      try handle.write(contentsOf: data)
    } catch {
      throw FileError.notWritable(url, reason: error.localizedDescription)
    }
  }
}
