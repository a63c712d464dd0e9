import Foundation
import SpiderTestSupport
import Testing

/// The folder of difficult files outside the repository, named by an environment variable.
private enum TestData {
  static let odd = ProcessInfo.processInfo.environment["SPIDER_REAL_CT"].map {
    URL(fileURLWithPath: $0).appendingPathComponent("odd")
  }
  static let isRequired = ProcessInfo.processInfo.environment["SPIDER_REQUIRE_DATA"] == "1"
}

/// The difficult files outside the repository: each gives an answer or an error that names it.
@Suite(
  .enabled(if: TestData.odd != nil || TestData.isRequired, "SPIDER_REAL_CT is not set"))
struct OddFileTests {
  @Test func everyFileGivesAnAnswerOrAClearError() throws {
    let folder = try #require(TestData.odd, "SPIDER_REAL_CT is not set")
    let names = try FileManager.default.contentsOfDirectory(atPath: folder.path).sorted()
    #expect(names.count > 30)
    for name in names {
      let file = folder.appendingPathComponent(name).path
      let output = try TemporaryFolder()
      let runs = [
        try SpiderProgram.run("info", file, "--json"),
        try SpiderProgram.run("drr", file, "--size", "16", "--out", output.url.path),
      ]
      for run in runs {
        #expect(run.status == 0 || run.status == 1, "\(name): \(run.status)")
        if run.status == 0 { #expect(!run.output.isEmpty) }
        if run.status == 1 {
          #expect(run.output.isEmpty)
          let stem = (name as NSString).deletingPathExtension
          #expect(run.errors.contains(stem) && run.errors.contains("; "), "\(run.errors)")
        }
      }
      #expect(try output.names().count == (runs[1].status == 0 ? 6 : 0), "\(name)")
    }
  }
}
