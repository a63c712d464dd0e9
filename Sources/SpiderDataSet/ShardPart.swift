import Foundation
import SpiderIO
import SpiderSupport

/// A part of a work that was shared out: what one shard has made, and what says to which whole it belongs.
package protocol ShardPart {
  /// Which part it is.
  var shard: Shard { get }
  /// The first respect in which another part is of another whole: what that one has, and this one. nil: both are
  /// parts of one.
  func difference(from other: Self) -> String?
}

/// The parts of one whole, each there once and all of them.
package struct CompleteParts<Part: ShardPart> {
  /// The parts with the place that each was read from, in the order given.
  package let parts: [(url: URL, part: Part)]

  /// Makes sure that parts can be joined.
  ///
  /// - Parameters:
  ///   - parts: at least one, each with its place.
  ///   - sameWhole: what to do about parts of different wholes.
  ///   - missing: what to do about parts that are not there.
  /// - Throws: ``/SpiderIO/FileError/disagreement(_:fault:remedy:)`` naming the part that does not belong to the
  ///   first, is missing or is there twice.
  package init(
    _ parts: [(url: URL, part: Part)], sameWhole: String, missing: String
  ) throws(FileError) {
    guard let first = parts.first else { preconditionFailure("no part") }
    var byNumber: [Int: URL] = [:]
    for (url, part) in parts {
      let count = (first.part.shard.count, part.shard.count)
      let difference =
        count.0 == count.1
        ? first.part.difference(from: part) : "\(counted(count.1, "shard")), not \(count.0)"
      if let difference {
        throw .disagreement(
          url, fault: "it does not belong to \(first.url.path): it has \(difference)",
          remedy: sameWhole)
      }
      if let other = byNumber.updateValue(url, forKey: part.shard.number) {
        throw .disagreement(
          url, fault: "it is shard \(part.shard), and so is \(other.path)",
          remedy: "name each shard once")
      }
    }
    let count = first.part.shard.count
    let absent = (1...count).filter { byNumber[$0] == nil }
    guard absent.isEmpty else {
      let names = absent.prefix(8).map { "\($0)/\(count)" }.joined(separator: ", ")
      throw .disagreement(
        first.url,
        fault:
          "it is one of \(counted(count, "shard")), of which \(absent.count) "
          + "\(worded(absent.count, "is", "are")) missing: \(names)"
          + (absent.count > 8 ? ", ..." : ""),
        remedy: missing)
    }
    self.parts = parts
  }
}

extension [String: String] {
  /// The first setting in which another list differs: what that one has, and this one.
  package func difference(from other: [String: String]) -> String? {
    for key in Set(keys).union(other.keys).sorted() where self[key] != other[key] {
      return "the \(key) \(other[key] ?? "not stated"), not \(self[key] ?? "not stated")"
    }
    return nil
  }
}
