import Foundation
import SpiderCore
import SpiderIO
import SpiderPretrained
import SpiderReport

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

/// Where a page comes from: program and command, and the geometry of its X-rays.
enum PageProvenance {
  /// The program's version and the command that was given.
  static var program: [ReportPage.Fact] {
    let arguments = CommandLine.arguments.dropFirst().map {
      $0.contains(" ") || $0.isEmpty ? "'\($0)'" : $0
    }
    return [
      .init("Spider", "\(SpiderRelease.version), commit \(BuildRecord.commit ?? "unknown")"),
      .init("Command", (["spider"] + arguments).joined(separator: " ")),
    ]
  }

  /// What a geometry is, in one line.
  static func fact(_ title: String, _ geometry: ProjectionGeometry) -> ReportPage.Fact {
    let pixels = String(
      format: "%d x %d pixels of %.4g x %.4g mm", geometry.columns, geometry.rows,
      length(geometry.columnStep), length(geometry.rowStep))
    switch geometry.beam {
    case .parallel:
      return .init("Geometry of \(title)", "parallel rays, \(pixels)")
    case .cone(let source):
      let normal = normalized(cross(geometry.columnStep, geometry.rowStep))
      let sid = abs(dot(geometry.pixelOrigin - source, normal))
      let sad = geometry.isocenter.map { String(format: ", SAD %.5g mm", length($0 - source)) }
      let distances = String(format: "cone beam, SID %.5g mm", sid) + (sad ?? "")
      return .init("Geometry of \(title)", "\(distances), \(pixels)")
    }
  }
}

extension ReportPage {
  /// Writes the page, whole or not at all.
  func write(to url: URL, overwrite: Bool) throws {
    try AtomicFile.write(Data(html().utf8), to: url, overwrite: overwrite)
  }
}
