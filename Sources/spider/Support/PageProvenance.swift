import Foundation
import SpiderCore
import SpiderIO
import SpiderReport

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
