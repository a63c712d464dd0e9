import Foundation
import SpiderCore
import SpiderIO
import SpiderPhantom
import Testing

/// What `spider prepare` refuses before it works, and what it says.
@Suite struct PreparationTests {
  let scene: Scene
  init() throws { scene = try Scene() }

  private func prepare(_ arguments: String...) throws -> SpiderProgram.Run {
    try SpiderProgram.run(
      ["prepare", "--isocenter", "0,0,0", "--size", "16", "--out", scene.path("data")] + arguments)
  }

  /// The first CT is sound in every case: the fault must be found before work is done on it.
  private func refuses(
    _ arguments: String..., saying words: String...,
    sourceLocation: SourceLocation = #_sourceLocation
  ) throws {
    let run = try SpiderProgram.run(
      ["prepare", scene.ct, "--isocenter", "0,0,0", "--size", "16", "--out", scene.path("data")]
        + arguments)
    #expect(run.status == 1, "\(run.errors)", sourceLocation: sourceLocation)
    for word in words {
      #expect(run.errors.contains(word), "\(run.errors)", sourceLocation: sourceLocation)
    }
    #expect(
      !FileManager.default.fileExists(atPath: scene.path("data")), sourceLocation: sourceLocation)
  }

  @Test func namesThatCannotBe() throws {
    let odd = scene.path("head(1).nii.gz")
    try FileManager.default.copyItem(atPath: scene.ct, toPath: odd)
    try refuses(odd, saying: "head(1)", "rename")
    try FileManager.default.createDirectory(
      at: scene.folder["b"], withIntermediateDirectories: true)
    try FileManager.default.copyItem(atPath: scene.ct, toPath: scene.path("b/head.nii.gz"))
    try refuses(
      scene.path("b/head.nii.gz"), "--overwrite", saying: "b/head.nii.gz", "'head'", "rename")
  }

  @Test func gridBeyondTheLimit() throws {
    try refuses("--max-memory", "90000", saying: "--size 16", "--max-memory")
  }

  @Test func labelFolders() throws {
    try refuses("--labels", scene.path("none"), saying: "none", "no such folder", "--labels")

    let other = scene.path("other.nii.gz")
    try FileManager.default.copyItem(atPath: scene.ct, toPath: other)
    let run = try prepare(
      scene.ct, other, "--phantom", "--labels", scene.folder.url.path, "--json")
    try #require(run.status == 0, "\(run.errors)")
    #expect(run.errors.contains("other: there is no other_labels.nii.gz"), "\(run.errors)")
    #expect(!run.errors.contains("head: there is no"), "\(run.errors)")
    let cases = try #require(try run.object()["cases"] as? [[String: Any]])
    let sources = cases.compactMap { $0["label_source"] as? String }
    #expect(sources.count == 2 && sources[0] == "given" && sources[1] != "given", "\(sources)")
  }

  @Test func existingCaseIsFoundFirst() throws {
    try #require(try prepare(scene.ct).status == 0)
    let other = scene.path("another.nii.gz")
    try FileManager.default.copyItem(atPath: scene.ct, toPath: other)
    let again = try prepare(other, scene.ct)
    #expect(again.status == 1 && again.errors.contains("--overwrite"), "\(again.errors)")
    let names = try FileManager.default.contentsOfDirectory(atPath: scene.path("data")).sorted()
    #expect(names == ["dataset.json", "head"])
    #expect(try prepare(other, scene.ct, "--overwrite").status == 0)
  }

  /// A phantom's file is a file like others: what its reader noted is said.
  @Test func notesOnFilesAreSaid() throws {
    try scene.writeWithHole(
      NIfTI.readVolume(scene.folder["head.nii.gz"]), to: "holes.nii")
    let run = try prepare(scene.path("holes.nii"), "--phantom")
    #expect(run.status == 0 && run.errors.contains("holes: 1 voxels are not finite"))
  }
}
