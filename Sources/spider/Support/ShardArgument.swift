import ArgumentParser
import SpiderDataSet

/// What `--shard` stands for.
enum ShardArgument {
  /// The shard of a text like 2/8; nil without one.
  static func shard(_ text: String?) throws -> Shard? {
    guard let text else { return nil }
    do {
      return try Shard(text)
    } catch {
      throw ValidationError("--shard: \(error)")
    }
  }
}
