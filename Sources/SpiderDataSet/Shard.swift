/// A shard: the fixed part of a list of cases that one of several processes works on, on whatever machine.
///
/// The cases are taken in the order of their names, and go round: the first to shard 1, the second to shard 2. So the
/// parts are disjoint, are all cases together, and differ in size by one at most; where there are more shards than
/// cases, some have none. What a case becomes never depends on its shard.
public struct Shard: Codable, Equatable, Sendable, CustomStringConvertible {
  /// The number of this shard, from 1.
  public let number: Int
  /// How many there are.
  public let count: Int

  /// The most shards there may be.
  public static let most = 100_000

  /// States a shard.
  ///
  /// - Throws: ``ShardError`` when the numbers are those of none.
  public init(_ number: Int, of count: Int) throws(ShardError) {
    guard (1...Self.most).contains(count) else {
      throw ShardError(text: "\(number)/\(count)", fault: "there can be 1 to \(Self.most) shards")
    }
    guard (1...count).contains(number) else {
      throw ShardError(text: "\(number)/\(count)", fault: "shards count from 1 to \(count)")
    }
    self.number = number
    self.count = count
  }

  /// Reads a shard as people write it: 2/8.
  ///
  /// - Throws: ``ShardError``.
  public init(_ text: String) throws(ShardError) {
    let parts = text.split(separator: "/", omittingEmptySubsequences: false)
    let isWritten =
      parts.count == 2
      && parts.allSatisfy { part in
        (1...9).contains(part.count) && part.utf8.allSatisfy { (48...57).contains($0) }
      }
    guard isWritten, let number = Int(parts[0]), let count = Int(parts[1]) else {
      throw ShardError(text: text, fault: "a shard is written NUMBER/COUNT, two whole numbers")
    }
    try self.init(number, of: count)
  }

  /// As people write it.
  public var description: String { "\(number)/\(count)" }

  /// Those of some different names that are this shard's, in the order of names.
  public func part(of names: [String]) -> [String] {
    names.sorted().enumerated().filter { $0.offset % count == number - 1 }.map(\.element)
  }

  private enum CodingKeys: CodingKey { case number, count }

  /// Reads a shard, within its limits.
  public init(from decoder: any Decoder) throws {
    let container = try decoder.container(keyedBy: CodingKeys.self)
    try self.init(
      container.decode(Int.self, forKey: .number), of: container.decode(Int.self, forKey: .count))
  }
}

/// An error about a text or numbers that are no shard.
public struct ShardError: Error, Equatable, CustomStringConvertible {
  /// What was given.
  public let text: String
  /// Why it is none.
  public let fault: String

  /// Fault and remedy.
  public var description: String { "shard '\(text)': \(fault); write 1/8 for the first of eight" }
}
