import Foundation
import SpiderAnatomy
import SpiderCore
import SpiderIO
import SpiderTestSupport
import Testing

/// The folder of scans outside the repository, named by an environment variable.
private enum TestData {
  static let folder = ProcessInfo.processInfo.environment["SPIDER_REAL_CT"].map {
    URL(fileURLWithPath: $0, isDirectory: true)
  }
  static let isRequired = ProcessInfo.processInfo.environment["SPIDER_REQUIRE_DATA"] == "1"
}

/// Real scans, outside the repository.
@Suite(
  .enabled(if: TestData.folder != nil || TestData.isRequired, "SPIDER_REAL_CT is not set"))
struct RealPreparationTests {
  private func prepare(_ name: String) throws -> (SpiderProgram.Run, PreparationReport?) {
    let folder = try #require(TestData.folder, "SPIDER_REAL_CT is not set")
    let output = try TemporaryFolder()
    let run = try SpiderProgram.run(
      "prepare", folder.appendingPathComponent("ct/\(name).nii.gz").path, "--size", "64", "--out",
      output.url.path)
    guard run.status == 0 else { return (run, nil) }
    let data = try Data(contentsOf: output["\(name)/preparation.json"])
    return (run, try JSONDecoder().decode(PreparationReport.self, from: data))
  }

  @Test func aFaceWithoutAVault() throws {
    let report = try #require(try prepare("vtk_headsq_lowres").1)
    // The scan ends at the orbits' roof: most of the vault, 60 to 110 mm, is missing.
    #expect((60...110).contains(report.crownAboveScan ?? 0), "\(report)")
    #expect((40...110).contains(report.volumes["mandible"] ?? 0), "\(report.volumes)")
    #expect(report.padding > 0.1)
    #expect(report.cuts.contains { $0.side == "superior" && $0.area > 100 })
  }

  @Test func aTiltedScanWithoutAJaw() throws {
    let report = try #require(try prepare("ge_hispeed_tilt_head").1)
    #expect(report.padding > 0.4, "the wedges of the tilted scan")
    #expect(report.volumes["mandible"] == 0 && report.findings?.missing["mandible"] != nil)
    #expect((1300...1800).contains(report.volumes["intracranial"] ?? 0), "\(report.volumes)")
    let turn = try #require(report.findings?.turnDegrees)
    #expect((-16 ... -7).contains(turn), "the head is turned to the right: \(turn)")
  }

  @Test func aChestIsNoHead() throws {
    let (run, _) = try prepare("lidc_idri_0001_chest")
    #expect(run.status == 1 && run.errors.contains("this is not a head"), "\(run.errors)")
  }
}
