import Foundation
import SpiderIO
import Testing

/// DICOM files and folders go wherever a CT or an X-ray goes, and whose images they are goes nowhere.
@Suite struct DICOMCommandTests {
  let scene: Scene
  init() throws { scene = try Scene() }

  /// A file or folder of the DICOM tests.
  private func dicom(_ name: String) -> String {
    URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
      .appendingPathComponent("SpiderDICOMTests/Resources/\(name)").path
  }

  /// Runs a command that must succeed; neither its words nor any file in the folder may hold the marks.
  private func succeeds(
    _ arguments: String..., sourceLocation: SourceLocation = #_sourceLocation
  ) throws {
    let run = try SpiderProgram.run(arguments)
    #expect(run.status == 0, "\(run.errors)", sourceLocation: sourceLocation)
    var texts = [Data((run.output + run.errors).utf8)]
    let walk = FileManager.default.enumerator(
      at: scene.folder.url, includingPropertiesForKeys: [.isRegularFileKey])
    for case let file as URL in walk?.allObjects ?? [] {
      if let content = try? Data(contentsOf: file) { texts.append(content) }
    }
    for mark in ["Markedname", "MARKEDID77", "19011213"] {
      #expect(
        texts.allSatisfy { $0.range(of: Data(mark.utf8)) == nil }, "\(arguments) tells \(mark)",
        sourceLocation: sourceLocation)
    }
  }

  @Test func ctAndXraysAreReadWhereverTheyAreTaken() throws {
    try succeeds("info", dicom("ct/straight"))
    try succeeds("info", "--json", dicom("geometry/pa.dcm"))
    try succeeds("drr", dicom("ct/straight"), "--size", "16", "--out", scene.path("xrays"))
    #expect(try scene.folder.names().contains("xrays"))
    try succeeds(
      "evaluate", "--reference", dicom("ct/straight"), "--candidate", dicom("ct/enhanced.dcm"))
    try succeeds(
      "reconstruct", "--view", dicom("head/pa.dcm"), "--view", dicom("head/left.dcm"), "--model",
      scene.model, "--size", "8", "--accept-faults", "--out", scene.path("ct.nii"), "--report",
      scene.path("report.html"))
  }

  @Test func optionsFillInWhatAHeaderLacks() throws {
    let missing = try SpiderProgram.run(
      "reconstruct", "--view", dicom("geometry/nothing.dcm"), "--view",
      dicom("head/left.dcm"), "--model", scene.model, "--out", scene.path("ct.nii"))
    #expect(missing.status == 1)
    #expect(missing.errors.contains("View Position (0018,5101), Distance Source to Detector"))
    #expect(missing.errors.contains("--sid"))
    try succeeds(
      "reconstruct", "--view", "pa=\(dicom("geometry/nothing.dcm"))", "--view",
      dicom("head/left.dcm"), "--sad", "1000", "--sid", "1500", "--pixel", "15x20", "--model",
      scene.model, "--size", "8", "--accept-faults", "--out", scene.path("ct.nii"))
  }

  @Test func seriesAreChosenByAnOption() throws {
    let folder = dicom("ct/two_series")
    let listed = try SpiderProgram.run("info", folder)
    #expect(listed.status == 0)
    #expect(listed.output.contains("series 2  CT, 'BONE', 3 slices"), "\(listed.output)")
    let object = try SpiderProgram.run("info", "--json", folder).object()
    #expect((object["series"] as? [String])?.count == 2)
    let uids = try #require(object["series_uids"] as? [String])
    #expect(uids.count == 2 && uids.allSatisfy { listed.output.contains($0) })
    let byName = try SpiderProgram.run("info", "--json", folder, "--series", uids[1])
    #expect(try byName.object()["spacing_mm"] as? [Double] == [0.8, 0.9, 1.5])
    let unclear = try SpiderProgram.run("drr", folder, "--out", dicom("ct"))
    #expect(unclear.status == 1)
    #expect(
      unclear.errors.contains("2: CT, 'BONE', 3 slices") && unclear.errors.contains("--series"))
    let chosen = try SpiderProgram.run("info", "--json", folder, "--series", "2")
    #expect(try chosen.object()["spacing_mm"] as? [Double] == [0.8, 0.9, 1.5])
  }
}
