import Foundation
import SpiderDataSet
import SpiderDRR
import SpiderIO
import SpiderSupport

/// A part of an evaluation: the metrics of the cases of one shard, and what says to which whole they belong. Merged,
/// the parts are the evaluation that one process makes of all cases.
public struct EvaluationPart: Codable, Sendable, ShardPart {
  /// What all parts must agree about.
  public struct Plan: Codable, Equatable, Sendable {
    /// The cases of all shards, in the order of the data set.
    public let cases: [String]
    /// What changes a case's figures, in words: model, data, grid, refinement.
    public let settings: [String: String]

    /// States a plan.
    public init(cases: [String], settings: [String: String]) {
      self.cases = cases
      self.settings = settings
    }
  }

  /// The whole, of parts that belong together.
  public struct Whole: Sendable {
    /// Cases and means.
    public let summary: EvaluationSummary
    /// Steps of refinement.
    public let refine: Int
    /// What the parts agreed about.
    public let settings: [String: String]
    /// What the user should know.
    public let warnings: [String]
  }

  /// The largest file that is read, bytes.
  private static let largest = 256 << 20

  /// Which part it is.
  public let shard: Shard
  /// The whole that it is a part of.
  public let plan: Plan
  /// The metrics of its cases, and their means.
  public let summary: EvaluationSummary
  /// Steps of refinement.
  public let refine: Int
  /// What the user should know.
  public let warnings: [String]

  /// States a part.
  public init(
    _ shard: Shard, of plan: Plan, _ summary: EvaluationSummary, refine: Int, warnings: [String]
  ) {
    self.shard = shard
    self.plan = plan
    self.summary = summary
    self.refine = refine
    self.warnings = warnings
  }

  private enum CodingKeys: CodingKey { case cases, convention, refine, warnings, shard, whole }

  /// Writes the keys of an evaluation, and beside them `shard` and `whole`.
  public func encode(to encoder: any Encoder) throws {
    try summary.encode(to: encoder)
    var container = encoder.container(keyedBy: CodingKeys.self)
    try container.encode(refine, forKey: .refine)
    try container.encode(warnings, forKey: .warnings)
    try container.encode(shard, forKey: .shard)
    try container.encode(plan, forKey: .whole)
  }

  /// Reads a part; its means are made again of its cases.
  public init(from decoder: any Decoder) throws {
    let container = try decoder.container(keyedBy: CodingKeys.self)
    shard = try container.decode(Shard.self, forKey: .shard)
    plan = try container.decode(Plan.self, forKey: .whole)
    summary = EvaluationSummary(cases: try container.decode([CaseMetrics].self, forKey: .cases))
    refine = try container.decode(Int.self, forKey: .refine)
    warnings = try container.decode([String].self, forKey: .warnings)
  }

  /// Reads the file of a part.
  ///
  /// - Throws: ``/SpiderIO/FileError`` when it is none, or its cases are not those of its shard.
  public static func read(_ file: URL) throws(FileError) -> EvaluationPart {
    guard !file.isFolder else {
      throw .unsupported(
        file, fault: "it is a folder", remedy: "name the files in it: \(file.path)/*.json")
    }
    let data = try InputFile.content(
      of: file, limit: largest, what: "what evaluating a shard has printed")
    let part: EvaluationPart
    do {
      part = try JSONDecoder().decode(EvaluationPart.self, from: data)
    } catch let error as DecodingError {
      throw .unsupported(
        file, fault: "it is no part of an evaluation: \(words(error))", remedy: remedy)
    } catch let error as ShardError {
      throw .badValue(file, key: "shard", fault: "cannot be: \(error)")
    } catch {
      throw .unreadable(file, reason: error.localizedDescription)
    }
    for metrics in part.summary.cases {
      guard let (key, fault) = metrics.fault else { continue }
      throw .unsupported(
        file, fault: "\"\(key)\" of case '\(metrics.id)' \(fault)", remedy: remedy)
    }
    try requireNames(of: part.summary.cases.first, part, file)
    guard (0...Refinement.mostIterations).contains(part.refine) else {
      throw .badValue(
        file, key: "refine",
        fault: "is \(part.refine); it must be 0 to \(Refinement.mostIterations)")
    }
    guard Set(part.plan.cases).count == part.plan.cases.count else {
      throw .badValue(file, key: "whole", fault: "names a case twice")
    }
    let names = part.shard.part(of: part.plan.cases)
    let found = part.summary.cases.map(\.id)
    guard found.sorted() == names else {
      let twice = Dictionary(grouping: found, by: \.self).filter { $1.count > 1 }.keys.min()
      let other = Set(found).symmetricDifference(names).min()
      let what = twice.map { "it holds case '\($0)' twice" }
      throw .unsupported(
        file,
        fault: what ?? "its cases are not those of shard \(part.shard): '\(other ?? "")'",
        remedy: remedy)
    }
    return part
  }

  /// All cases of one evaluation have figures of the same structures.
  private static func requireNames(
    of model: CaseMetrics?, _ part: EvaluationPart, _ file: URL
  ) throws(FileError) {
    guard let model else { return }
    for metrics in part.summary.cases where !metrics.hasNames(of: model) {
      throw .unsupported(
        file,
        fault: "case '\(metrics.id)' has figures of other structures than case '\(model.id)'",
        remedy: remedy)
    }
  }

  private static let remedy =
    "give what evaluating a shard has printed, whole; evaluate the shard again"

  /// Keys and places in lists: cases[0].dice.
  private static func path(_ keys: [any CodingKey]) -> String {
    keys.reduce("") { path, key in
      key.intValue.map { "\(path)[\($0)]" }
        ?? (path.isEmpty ? key.stringValue : "\(path).\(key.stringValue)")
    }
  }

  private static func words(_ error: DecodingError) -> String {
    switch error {
    case .keyNotFound(let key, _): "the key '\(key.stringValue)' is missing"
    case .typeMismatch(_, let context), .valueNotFound(_, let context), .dataCorrupted(let context):
      context.codingPath.isEmpty
        ? "it is no JSON object, or cut short"
        : "'\(path(context.codingPath))' is of the wrong kind"
    @unknown default: "it is not of the expected form"
    }
  }

  /// Joins the parts of files: cases, means and intervals are those of one evaluation of all cases, to the bit.
  ///
  /// - Throws: ``/SpiderIO/FileError`` naming the part that does not belong to the first, is missing or is there twice.
  public static func merged(_ files: [URL]) throws(FileError) -> Whole {
    precondition(!files.isEmpty, "no part of an evaluation")
    var parts: [(url: URL, part: EvaluationPart)] = []
    for file in files { parts.append((file, try read(file))) }
    let whole = try CompleteParts(
      parts,
      sameWhole: "merge the parts of one evaluation: one model, one data set, the same settings",
      missing: "evaluate what is missing, and give all parts")
    let first = whole.parts[0].part
    let cases = parts.flatMap(\.part.summary.cases)
    for (url, part) in parts { try requireNames(of: cases.first, part, url) }
    let byName = Dictionary(uniqueKeysWithValues: cases.map { ($0.id, $0) })
    var warnings: [String] = []
    for warning in parts.flatMap(\.part.warnings) where !warnings.contains(warning) {
      warnings.append(warning)
    }
    return Whole(
      summary: EvaluationSummary(cases: first.plan.cases.compactMap { byName[$0] }),
      refine: first.refine, settings: first.plan.settings, warnings: warnings)
  }

  package func difference(from other: EvaluationPart) -> String? {
    if let difference = plan.settings.difference(from: other.plan.settings) {
      return difference
    }
    if refine != other.refine {
      return "\(counted(other.refine, "step")) of refinement, not \(refine)"
    }
    return plan.cases == other.plan.cases ? nil : "other cases"
  }
}
