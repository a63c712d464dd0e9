import Foundation
import SpiderIO
import SpiderPretrained

/// What this very program is: release, commit, weights.
enum BuildRecord {
  /// The file in which `make build` and `make install` write the commit that they built, beside the program or in
  /// `../share/spider`.
  private static let commitFile = "spider.commit"

  /// The commit, with "-dirty" where files had changed since; nil where nobody wrote it down for this
  /// program.
  static let commit: String? = {
    guard let program = Bundle.main.executableURL?.resolvingSymlinksInPath() else { return nil }
    let folder = program.deletingLastPathComponent()
    let shared = folder.deletingLastPathComponent().appendingPathComponent("share/spider")
    for place in [folder, shared].map({ $0.appendingPathComponent(commitFile) }) {
      guard let text = try? String(contentsOf: place, encoding: .utf8) else { continue }
      // Written after the program was built: one that is older is about an earlier build.
      guard let written = date(of: place), let built = date(of: program), written >= built else {
        continue
      }
      let word = text.trimmingCharacters(in: .whitespacesAndNewlines)
      if !word.isEmpty, word.count <= 100 { return word }
    }
    return nil
  }()

  private static func date(of file: URL) -> Date? {
    let attributes = try? FileManager.default.attributesOfItem(atPath: file.path)
    return attributes?[.modificationDate] as? Date
  }

  /// What `spider --version` prints: the release on the first line, for scripts.
  static var text: String {
    let models = PretrainedModel.allCases.map { model in
      let digest = try? SHA256.digest(of: model.url)
      return "\(model.rawValue): \(digest.map { "sha256 \($0)" } ?? "not found")"
    }
    return ([SpiderRelease.version, "commit: \(commit ?? "unknown")"] + models)
      .joined(separator: "\n")
  }
}
