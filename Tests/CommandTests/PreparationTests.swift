import Foundation
import SpiderAnatomy
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
    #expect(run.status == 0 && run.errors.contains("holes: 1 voxel is not finite"))
  }

  @Test func eachCaseHasAPictureAndAReport() throws {
    let run = try prepare(scene.ct)
    try #require(run.status == 0, "\(run.errors)")
    let picture = try Data(contentsOf: scene.folder["data/head/contact.png"])
    #expect(picture.starts(with: [0x89, 0x50, 0x4E, 0x47]) && picture.count > 10_000)
    let data = try Data(contentsOf: scene.folder["data/head/preparation.json"])
    let report = try JSONDecoder().decode(PreparationReport.self, from: data)
    #expect(report.isocenter == [0, 0, 0] && report.isocenterBasis == "isocentre as given")
    #expect(report.scheme == "head" && report.labelSource.hasPrefix("labeller"))
    #expect(report.volumes["soft_tissue"] ?? 0 > 500)
    #expect(run.errors.contains("isocentre as given"))
  }

  @Test func schemesFromFiles() throws {
    let scheme = #"""
      {"name": "tissue", "classes": ["background", "soft", "bone"], "bone": ["bone"],
       "ranges": [{"class": "bone", "from_hu": 300}, {"class": "soft", "below_hu": 300}]}
      """#
    try Data(scheme.utf8).write(to: scene.folder["tissue.json"])
    let run = try prepare(scene.ct, "--scheme", scene.path("tissue.json"), "--json")
    try #require(run.status == 0, "\(run.errors)")
    let written = try #require(try run.object()["scheme"] as? [String: Any])
    #expect(written["name"] as? String == "tissue")
    // A data set has one scheme.
    let other = scene.path("other.nii.gz")
    try FileManager.default.copyItem(atPath: scene.ct, toPath: other)
    let mixed = try prepare(other)
    #expect(mixed.status == 1 && mixed.errors.contains("tissue"), "\(mixed.errors)")
    // Faults are named with the file.
    for (text, word) in [
      ("{", "no JSON"), (#"{"name": "x", "classes": []}"#, "bone"),
      (#"{"name": "x", "classes": ["a"], "bone": []}"#, "background"),
    ] {
      try Data(text.utf8).write(to: scene.folder["bad.json"])
      let bad = try prepare(other, "--scheme", scene.path("bad.json"))
      #expect(
        bad.status == 1 && bad.errors.contains("bad.json") && bad.errors.contains(word),
        "\(bad.errors)")
    }
    #expect(try prepare(other, "--scheme", "spine").status == 64)
  }

  @Test func labelsOfOtherPrograms() throws {
    // The phantom's own labels under the numbers of another program: bone alone.
    let labels = try NIfTI.readLabels(scene.folder["head_labels.nii.gz"])
    let theirs = labels.withValues(
      labels.values.map { label -> UInt8 in
        switch label {
        case HeadLabel.skull: return 3
        case HeadLabel.mandible: return 1
        default: return 0
        }
      })
    let folder = scene.folder["theirs"]
    try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    let file = folder.appendingPathComponent("head_labels.nii.gz")
    try NIfTI.write(theirs, to: file)
    let arguments = ["--labels", folder.path, "--label-names"]
    func run(_ names: String) throws -> SpiderProgram.Run {
      try SpiderProgram.run(
        [
          "prepare", scene.ct, "--isocenter", "0,0,0", "--size", "32", "--overwrite", "--out",
          scene.path("data"),
        ] + arguments + [names])
    }
    let prepared = try run("totalsegmentator:craniofacial_structures")
    try #require(prepared.status == 0, "\(prepared.errors)")
    let found = try NIfTI.readLabels(scene.folder["data/head/labels.nii.gz"])
    for (mine, their) in zip(found.values, theirs.values) {
      if their == 3 { #expect(mine == HeadLabel.skull) }
      if their == 1 { #expect(mine == HeadLabel.mandible) }
      if their == 0 { #expect(mine != HeadLabel.skull && mine != HeadLabel.mandible) }
    }
    #expect(found.values.contains(HeadLabel.softTissue), "the rest is filled in")
    // Numbers without a name, and names that are not known.
    var wrong = theirs
    wrong.values[0] = 99
    try NIfTI.write(wrong, to: file, overwrite: true)
    let unnamed = try run("totalsegmentator:craniofacial_structures")
    #expect(unnamed.status == 1 && unnamed.errors.contains("99"), "\(unnamed.errors)")
    #expect(try run("totalsegmentator:feet").status == 64)
  }
}
