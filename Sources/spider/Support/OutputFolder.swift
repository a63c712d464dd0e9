import Foundation
import SpiderIO

/// A folder that a command writes to, made when it is not there.
struct OutputFolder {
  let url: URL

  init(_ path: String) throws {
    url = URL(fileURLWithPath: path, isDirectory: true)
    do {
      try FileManager.default.createDirectory(at: url, withIntermediateDirectories: true)
    } catch {
      throw FileError.notWritable(url, reason: error.localizedDescription)
    }
  }

  func file(_ name: String) -> URL { url.appendingPathComponent(name) }

  /// Refuses before any work is done, not after it.
  static func refuseExisting(_ files: [URL], overwrite: Bool) throws {
    guard !overwrite else { return }
    for file in files where FileManager.default.fileExists(atPath: file.path) {
      throw FileError.exists(file)
    }
  }
}
