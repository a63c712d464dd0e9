import Foundation

/// A folder of a test's own, removed with everything in it when the test is done.
package final class TemporaryFolder: Sendable {
  /// Where it is.
  package let url: URL

  /// Makes the folder.
  package init() throws {
    url = FileManager.default.temporaryDirectory
      .appendingPathComponent("spider-tests-\(UUID().uuidString)")
    try FileManager.default.createDirectory(at: url, withIntermediateDirectories: true)
  }

  deinit { try? FileManager.default.removeItem(at: url) }

  /// The path of a file in it.
  package subscript(name: String) -> URL { url.appendingPathComponent(name) }

  /// Writes a file and gives its path.
  package func file(_ name: String, _ bytes: [UInt8]) throws -> URL {
    try Data(bytes).write(to: self[name])
    return self[name]
  }

  /// The names of all files in it, hidden ones too.
  package func names() throws -> [String] {
    try FileManager.default.contentsOfDirectory(atPath: url.path).sorted()
  }
}
