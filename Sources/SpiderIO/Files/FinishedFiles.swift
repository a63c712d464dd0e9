import Foundation
import Synchronization

/// The files that this process has given their names, in order: what a command that fails behind some of
/// them can say is there.
package enum FinishedFiles {
  private static let paths = Mutex<[String]>([])
  /// Nobody reads a longer list.
  private static let most = 1000

  /// Notes a file; one that is replaced again and again is noted once.
  static func add(_ url: URL) {
    paths.withLock { paths in
      if paths.count < most, !paths.contains(url.path) { paths.append(url.path) }
    }
  }

  /// Those that are there still: what was written into a folder that got another name since is not.
  package static var present: [String] {
    paths.withLock { $0 }.filter { FileManager.default.fileExists(atPath: $0) }
  }
}
