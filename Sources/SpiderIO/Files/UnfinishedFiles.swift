import Foundation
import Synchronization

/// The hidden files and folders of this process that have not got their names yet: what must be gone when
/// it ends, however it ends.
///
/// Their making and their naming happen under one lock, so that none of them can be missed.
package enum UnfinishedFiles {
  private static let paths = Mutex<Set<String>>([])

  /// Makes one; `make` answers its path, and nil when there is none.
  package static func make<Failure: Error>(
    _ make: () throws(Failure) -> String?
  ) throws(Failure) {
    try paths.withLock { (paths) throws(Failure) in
      if let path = try make() { paths.insert(path) }
    }
  }

  /// Names or removes one; `end` answers what came of it. It is forgotten in any case.
  package static func end<Answer: Sendable, Failure: Error>(
    _ path: String, _ end: () throws(Failure) -> Answer
  ) throws(Failure) -> Answer {
    try paths.withLock { (paths) throws(Failure) in
      paths.remove(path)
      return try end()
    }
  }

  /// Removes all of them and ends the process; from the first of them on, no other is made or named.
  package static func removeAll(andEnd end: () -> Never) -> Never {
    paths.withLock { paths in
      for path in paths { try? FileManager.default.removeItem(atPath: path) }
      end()
    }
  }
}
