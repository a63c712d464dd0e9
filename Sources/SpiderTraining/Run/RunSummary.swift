import Foundation
import SpiderIO
import SpiderSupport

/// A summary of the folder of a training run: how far it is, how good, and whether its files are whole.
public struct RunSummary: FileSummary {
  /// A file of the run.
  private struct Part: Encodable {
    let name: String
    /// Why it cannot be used; nil when it can, or is not there.
    @NullWhenNil var fault: String?
    let isThere: Bool

    enum CodingKeys: String, CodingKey {
      case name, fault
      case isThere = "exists"
    }
  }

  /// What every line of the log has.
  private struct Line: Decodable {
    var step: Int
    var samples: Int
    var seconds: Double
    var loss: Loss

    struct Loss: Decodable { var total: Double? }
  }

  private let network: String?
  private let plannedSteps: Int?
  private let plannedMinutes: Double?
  /// The checkpoint's counters.
  private var step: Int?
  private var samples: Int?
  private var seconds: Double?
  private var bestScore: Double?
  private var skipped: Int?
  private var lastLine: Line?
  private let isRunning: Bool
  private var parts: [Part] = []

  /// Describes a run; reads its checkpoint, its models, its configuration and its log.
  public init(_ run: RunFolder) {
    let network = TrainableNetwork.stated(by: run.configuration)
    self.network = network?.name
    let configuration = try? network?.read(run.configuration)
    plannedMinutes = configuration.flatMap { $0.minutes > 0 ? $0.minutes : nil }
    plannedSteps = plannedMinutes == nil ? configuration?.steps : nil
    isRunning = RunLock.isHeld(run)
    let isReadable = configuration != nil
    parts.append(
      Part(
        name: "config.yaml", fault: isReadable ? nil : "it is missing or no configuration",
        isThere: Self.isThere(run.configuration)))
    for (name, url) in [
      ("checkpoint", run.checkpoint), ("best.safetensors", run.best),
      ("last.safetensors", run.last),
    ] {
      parts.append(look(at: url, called: name))
    }
    parts.append(readLog(run.log))
  }

  private static func isThere(_ url: URL) -> Bool {
    FileManager.default.fileExists(atPath: url.path)
  }

  /// Reads a file with a checksum; the checkpoint's counters with it.
  private mutating func look(at url: URL, called name: String) -> Part {
    guard Self.isThere(url) else { return Part(name: name, fault: nil, isThere: false) }
    do {
      let file = try SafetensorsFile.read(url)
      if name == "checkpoint" {
        step = file.metadata["step"].flatMap { Int($0) }
        samples = file.metadata["samples"].flatMap { Int($0) }
        seconds = file.metadata["seconds"].flatMap { Double($0) }
        bestScore = file.metadata["best_score"].flatMap { Double($0) }
        skipped = file.metadata[Checkpoint.spikesKey].flatMap { SpikeGuard($0) }?.skipped
        if step == nil {
          return Part(name: name, fault: "it has no counter of steps", isThere: true)
        }
      }
      return Part(name: name, fault: nil, isThere: true)
    } catch {
      return Part(name: name, fault: error.fault, isThere: true)
    }
  }

  private mutating func readLog(_ url: URL) -> Part {
    let name = url.lastPathComponent
    guard let text = try? String(contentsOf: url, encoding: .utf8) else {
      return Part(name: name, fault: nil, isThere: false)
    }
    let lines = text.split(separator: "\n")
    let numbers = lines.map { try? JSONDecoder().decode(Line.self, from: Data($0.utf8)) }
    lastLine = numbers.last { $0 != nil } ?? nil
    let bad = numbers.firstIndex { $0 == nil }
    return Part(
      name: name, fault: bad.map { "line \($0 + 1) of \(lines.count) is no report" }, isThere: true)
  }

  /// Whether it can be gone on with and used: no file is damaged, and configuration and checkpoint are
  /// there.
  public var isWhole: Bool {
    parts.allSatisfy { $0.fault == nil } && parts.prefix(2).allSatisfy(\.isThere)
  }

  /// "run".
  public var kind: String { "run" }

  /// Its progress and its files in words.
  public var facts: [(name: String, value: String)] {
    var facts: [(name: String, value: String)] = [("network", network ?? "not known")]
    if let step {
      let of = plannedSteps.map { " of \($0)" } ?? ""
      facts.append(("checkpoint at step", "\(step)\(of)"))
    } else {
      facts.append(("checkpoint at step", "none yet"))
    }
    if let skipped, skipped > 0 {
      facts.append(("steps skipped", "\(skipped): loss or gradient far beyond the usual"))
    }
    if let samples { facts.append(("patients seen", "\(samples)")) }
    if let seconds {
      let of = plannedMinutes.map { String(format: " of %.4g", $0) } ?? ""
      facts.append(("minutes of training", String(format: "%.1f", seconds / 60) + of))
    }
    facts.append(
      ("best score", bestScore.map { String(format: "%.3f", $0) } ?? "not validated yet"))
    if let lastLine {
      let loss = lastLine.loss.total.map { String(format: ", loss %.4f", $0) } ?? ""
      facts.append(("last report", "step \(lastLine.step)\(loss)"))
    }
    facts.append(("running now", isRunning ? "yes" : "no"))
    for part in parts {
      facts.append((part.name, part.fault ?? (part.isThere ? "whole" : "not there")))
    }
    facts.append(("the run", isWhole ? "is whole" : "is not whole"))
    return facts
  }

  enum CodingKeys: String, CodingKey {
    case network, step, samples, seconds, skipped, files, whole, running
    case plannedSteps = "planned_steps"
    case plannedMinutes = "planned_minutes"
    case bestScore = "best_score"
    case lastStep = "last_reported_step"
    case lastLoss = "last_loss"
  }

  /// Writes every key; what is not known is null.
  public func encode(to encoder: any Encoder) throws {
    var container = encoder.container(keyedBy: CodingKeys.self)
    try container.encode(network, forKey: .network)
    try container.encode(step, forKey: .step)
    try container.encode(samples, forKey: .samples)
    try container.encode(seconds, forKey: .seconds)
    try container.encode(skipped, forKey: .skipped)
    try container.encode(plannedSteps, forKey: .plannedSteps)
    try container.encode(plannedMinutes, forKey: .plannedMinutes)
    try container.encode(bestScore, forKey: .bestScore)
    try container.encode(lastLine?.step, forKey: .lastStep)
    try container.encode(lastLine?.loss.total, forKey: .lastLoss)
    try container.encode(isRunning, forKey: .running)
    try container.encode(parts, forKey: .files)
    try container.encode(isWhole, forKey: .whole)
  }
}
