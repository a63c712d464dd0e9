import Foundation
import SpiderDataSet
import SpiderEvaluation
import SpiderTestSupport
import Testing

/// An evaluation that is shared out: merged, its parts are what one process prints.
@Suite struct EvaluationPartTests {
  private let folder: TemporaryFolder
  init() throws { folder = try TemporaryFolder() }

  private static let names = ["k", "b", "j", "a", "i", "c", "h", "d", "g", "e", "f"]

  /// Numbers of which no sum is exact, one of them missing.
  private static let cases = names.enumerated().map { number, name in
    var metrics = CaseMetrics(id: name)
    metrics.psnr = 20 + 1 / Double(number + 3)
    metrics.ssim = number == 4 ? nil : 0.1 * Double(number)
    metrics.dice = ["skull": 1 / Double(number + 7), "mandible": number == 2 ? nil : 0.3]
    metrics.labelsFrom = "labeller"
    return metrics
  }

  private func part(
    _ number: Int, of count: Int, model: String = "head", refine: Int = 6,
    names: [String] = names, warnings: [String] = ["one", "two"]
  ) throws -> EvaluationPart {
    let shard = try Shard(number, of: count)
    let own = Set(shard.part(of: names))
    return EvaluationPart(
      shard,
      of: .init(cases: names, settings: ["model": model, "split": "test", "size": "64"]),
      EvaluationSummary(cases: Self.cases.filter { own.contains($0.id) }), refine: refine,
      warnings: warnings)
  }

  private func write(_ part: EvaluationPart, _ name: String) throws -> URL {
    try JSONEncoder().encode(part).write(to: folder[name])
    return folder[name]
  }

  private func refused(
    _ words: String..., sourceLocation: SourceLocation = #_sourceLocation, body: () throws -> Void
  ) {
    guard case .failure(let error) = Result(catching: body) else {
      Issue.record("nothing was thrown", sourceLocation: sourceLocation)
      return
    }
    for word in words {
      #expect("\(error)".contains(word), "\(error)", sourceLocation: sourceLocation)
    }
  }

  /// Cases in the data set's order, means and intervals: to the last bit, also with shards that have no case.
  @Test(arguments: [1, 3, 4, 15]) func partsMergedAreTheWhole(_ count: Int) throws {
    let files = try (1...count).reversed().map {
      try write(part($0, of: count), "part-\($0).json")
    }
    let whole = try EvaluationPart.merged(files)
    let expected = EvaluationSummary(cases: Self.cases)
    #expect(expected.mean[.psnr]?.low != nil)
    #expect(whole.summary == expected && whole.refine == 6 && whole.warnings == ["one", "two"])
    func json(_ summary: EvaluationSummary) throws -> String {
      let encoder = JSONEncoder()
      encoder.outputFormatting = [.sortedKeys]
      return String(decoding: try encoder.encode(summary), as: UTF8.self)
    }
    #expect(try json(whole.summary) == json(expected))
  }

  /// A part is an evaluation with more keys: whoever reads evaluations reads it.
  @Test func aPartHasTheKeysOfAnEvaluation() throws {
    let data = try JSONEncoder().encode(part(2, of: 3))
    let object = try #require(try JSONSerialization.jsonObject(with: data) as? [String: Any])
    #expect(
      Set(object.keys) == ["cases", "mean", "convention", "refine", "warnings", "shard", "whole"])
  }

  @Test func whatDoesNotBelongTogetherIsRefused() throws {
    let first = try write(part(1, of: 3), "first.json")
    let second = try write(part(2, of: 3), "second.json")
    let third = try write(part(3, of: 3), "third.json")
    refused("first.json", "one of 3 shards, of which 1 is missing: 2/3") {
      _ = try EvaluationPart.merged([first, third])
    }
    refused("second.json", "is shard 2/3, and so is", "once") {
      _ = try EvaluationPart.merged([first, second, third, second])
    }
    let others = [
      (try part(2, of: 4), "4 shards, not 3"),
      (try part(2, of: 3, model: "other"), "the model other, not head"),
      (try part(2, of: 3, refine: 0), "0 steps of refinement, not 6"),
      (try part(2, of: 3, names: Array(Self.names.dropLast())), "other cases"),
    ]
    for (other, words) in others {
      let file = try write(other, "other.json")
      refused("other.json", "first.json", words, "one model") {
        _ = try EvaluationPart.merged([first, file, third])
      }
    }
  }

  /// Every way in which a file is no part.
  @Test func whatIsNoPartIsRefused() throws {
    let sound = try JSONEncoder().encode(part(2, of: 3))
    func file(_ change: (inout [String: Any]) -> Void) throws -> URL {
      var object = try #require(try JSONSerialization.jsonObject(with: sound) as? [String: Any])
      change(&object)
      try JSONSerialization.data(withJSONObject: object).write(to: folder["odd.json"])
      return folder["odd.json"]
    }
    refused("none.json", "no such file") { _ = try EvaluationPart.read(folder["none.json"]) }
    for bytes in [Data(), Data(sound.prefix(300)), Data("[]".utf8)] {
      try bytes.write(to: folder["odd.json"])
      refused("odd.json", "no part of an evaluation", "again") {
        _ = try EvaluationPart.read(folder["odd.json"])
      }
    }
    refused("'shard' is missing") { _ = try EvaluationPart.read(file { $0["shard"] = nil }) }
    refused("odd.json", "4/3") {
      _ = try EvaluationPart.read(file { $0["shard"] = ["number": 4, "count": 3] })
    }
    refused("cases are not those of shard 2/3", "'e'") {
      _ = try EvaluationPart.read(
        file {
          $0["cases"] = ($0["cases"] as? [[String: Any]])?.filter { $0["id"] as? String != "e" }
        })
    }
    refused("holds case 'e' twice") {
      _ = try EvaluationPart.read(
        file { object in
          let cases = object["cases"] as? [[String: Any]] ?? []
          object["cases"] = cases + cases.filter { $0["id"] as? String == "e" }
        })
    }
    /// Changes the metrics of the first case.
    func metrics(_ change: (inout [String: Any]) -> Void) throws -> URL {
      try file { object in
        var cases = object["cases"] as? [[String: Any]] ?? []
        change(&cases[0])
        object["cases"] = cases
      }
    }
    for key in CaseMetrics.CodingKeys.allCases.map(\.stringValue) {
      refused("odd.json", "'\(key)' is missing") {
        _ = try EvaluationPart.read(metrics { $0[key] = nil })
      }
    }
    for (key, value) in [
      ("psnr_db", 101.0), ("ssim", -1.5), ("mae_hu", -1), ("mae_body_hu", 3001), ("cosine", 1.1),
      ("reprojection_relative_error", -0.1),
    ] {
      refused("odd.json", key, "'k'", "never", "evaluate the shard again") {
        _ = try EvaluationPart.read(metrics { $0[key] = value })
      }
    }
    for (key, value) in [("dice", 7.0), ("hd95_mm", -1), ("assd_mm", -1e-9)] {
      refused("odd.json", "\(key).skull", "never", "evaluate the shard again") {
        _ = try EvaluationPart.read(metrics { $0[key] = ["mandible": nil, "skull": value] })
      }
    }
    refused("other structures") {
      _ = try EvaluationPart.read(
        metrics { $0["dice"] = ($0["dice"] as? [String: Any])?.filter { $0.key != "skull" } })
    }
    refused("labels_from", "a guess") {
      _ = try EvaluationPart.read(metrics { $0["labels_from"] = "a guess" })
    }
    refused("refine", "51") { _ = try EvaluationPart.read(file { $0["refine"] = 51 }) }
    refused("it is a folder", "name the files in it") { _ = try EvaluationPart.read(folder.url) }
    refused("names a case twice") {
      _ = try EvaluationPart.read(
        file { object in
          var whole = object["whole"] as? [String: Any] ?? [:]
          whole["cases"] = Self.names + ["a"]
          object["whole"] = whole
        })
    }
  }
}
