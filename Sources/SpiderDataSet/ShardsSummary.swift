import Foundation
import SpiderIO
import SpiderSupport

/// A summary of a folder that shards of a preparation share: which are there, and how far each is.
public struct ShardsSummary: FileSummary {
  /// A shard in the folder.
  private struct Part: Encodable {
    let shard: String
    /// The cases that are its own.
    let cases: Int
    /// Those of them that are there and whole; nil where the folder cannot be read.
    @NullWhenNil var finished: Int?
    /// Why it cannot be merged, or not yet.
    @NullWhenNil var fault: String?
  }

  private let parts: [Part]
  /// Why they cannot be merged; nil: they can.
  private let obstacle: String?

  /// Describes the shards in a folder; nil where it holds none. Cases are looked at, not read.
  public init?(_ folder: URL) {
    guard let places = try? DataSet.shardFolders(in: folder) else { return nil }
    parts = places.map(Self.part)
    do {
      _ = try DataSet.finishedShards([folder])
      obstacle = nil
    } catch {
      obstacle = "\(error)"
    }
  }

  private static func part(_ place: URL) -> Part {
    do {
      let plan = try ShardPlan.read(place)
      let own = Set(plan.names)
      let index = place.appendingPathComponent(DataSet.indexName)
      guard FileManager.default.fileExists(atPath: index.path) else {
        return Part(shard: "\(plan.shard)", cases: own.count, finished: 0, fault: nil)
      }
      let dataSet = try DataSet(open: place)
      let damaged = dataSet.damagedCases(thoroughly: false)
      let whole = own.intersection(dataSet.index.cases.map(\.id))
        .subtracting(damaged.map(\.entry.id))
      return Part(
        shard: "\(plan.shard)", cases: own.count, finished: whole.count,
        fault: damaged.first.map { "case '\($0.entry.id)': \($0.fault.fault)" })
    } catch {
      return Part(
        shard: place.lastPathComponent, cases: 0, finished: nil, fault: (error as FileError).fault)
    }
  }

  /// "shards".
  public var kind: String { "shards" }

  /// A line each, and whether they can be merged.
  public var facts: [(name: String, value: String)] {
    parts.map { part in
      let done = part.finished.map { "\($0) of \(part.cases) cases" }
      return ("shard \(part.shard)", [done, part.fault].compactMap { $0 }.joined(separator: "; "))
    } + [("merging", obstacle ?? "all are there and finished")]
  }

  /// Shards, and `obstacle`: why they cannot be merged, or null.
  public func encode(to encoder: any Encoder) throws {
    var container = encoder.container(keyedBy: CodingKeys.self)
    try container.encode(parts, forKey: .shards)
    try container.encode(obstacle, forKey: .obstacle)
  }

  private enum CodingKeys: CodingKey { case shards, obstacle }
}
