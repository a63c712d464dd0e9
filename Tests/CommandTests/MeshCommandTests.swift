import Foundation
import SpiderIO
import SpiderTestSupport
import Testing

/// Surfaces on the command line: of label maps, of CTs, of reconstructions.
@Suite struct MeshCommandTests {
  /// The number of faces that a binary STL has by its size, which its header must state.
  private func faces(of file: URL) throws -> Int {
    let bytes = Array(try Data(contentsOf: file))
    let stated = (0..<4).reduce(0) { $0 | Int(bytes[80 + $1]) << (8 * $1) }
    #expect(bytes.count == 84 + 50 * stated)
    return stated
  }

  @Test func labelsBecomeClosedSurfaces() throws {
    let scene = try Scene()
    let all = try SpiderProgram.run("mesh", scene.labels, "--out", scene.path("a.stl"), "--json")
    #expect(all.status == 0, "\(all.errors)")
    let object = try all.object()
    let surfaces = try #require(object["surfaces"] as? [[String: Any]])
    #expect(surfaces.map { $0["name"] as? String } == ["skull", "mandible", "cervical_spine"])
    for surface in surfaces { #expect(surface["closed"] as? Bool == true) }
    #expect(object["space"] as? String == "RAS")
    let count = try faces(of: scene.folder["a.stl"])
    #expect(count == surfaces.reduce(0) { $0 + ($1["faces"] as? Int ?? 0) } && count > 1000)
    let every = try SpiderProgram.run(
      "mesh", scene.labels, "--labels", "all", "--out", scene.path("all.stl"), "--json")
    let named = try #require(try every.object()["surfaces"] as? [[String: Any]])
    #expect(named.compactMap { $0["name"] as? String }.contains("intracranial"))
    #expect(named.count > surfaces.count)
    let few = try SpiderProgram.run(
      "mesh", scene.labels, "--labels", "skull", "--faces", "800", "--space", "lps", "--out",
      scene.path("b.stl"))
    #expect(few.status == 0, "\(few.errors)")
    #expect((400...800).contains(try faces(of: scene.folder["b.stl"])))
    let header = String(
      decoding: try Data(contentsOf: scene.folder["b.stl"]).prefix(80), as: UTF8.self)
    #expect(header.contains("SPACE=LPS"))
  }

  /// A surface that lost its volume with its faces is told of; one with faces enough is not.
  @Test func tooFewFacesAreToldOf() throws {
    let scene = try Scene()
    func words(_ faces: Int) throws -> String {
      let run = try SpiderProgram.run(
        "mesh", scene.labels, "--labels", "mandible", "--faces", "\(faces)", "--out",
        scene.path("m.stl"), "--overwrite")
      #expect(run.status == 0)
      return run.errors
    }
    let few = try words(4)
    #expect(few.contains("'mandible' encloses") && few.contains("give more faces"), "\(few)")
    let many = try words(100_000)
    #expect(!many.contains("encloses"), "\(many)")
  }

  /// A threshold below zero, behind a blank, is a number and no option.
  @Test func aCTHasASurfaceAtAnyNumber() throws {
    let scene = try Scene()
    for threshold in ["300", "-300"] {
      let run = try SpiderProgram.run(
        "mesh", scene.ct, "--threshold", threshold, "--out", scene.path("skin.ply"), "--overwrite")
      #expect(run.status == 0 && run.output.contains("ml"), "\(run.errors)")
    }
    let high = try SpiderProgram.run(
      "mesh", scene.ct, "--threshold", "9000", "--out", scene.path("c.ply"))
    #expect(high.status == 1 && high.errors.contains("--threshold"))
    let unstated = try SpiderProgram.run("mesh", scene.ct, "--out", scene.path("c.ply"))
    #expect(unstated.status == 1 && unstated.errors.contains("Hint: --threshold"))
    let other = try SpiderProgram.run(
      "mesh", scene.labels, "--labels", "skul", "--out", scene.path("c.ply"))
    #expect(other.status == 1 && other.errors.contains("'skul' is no label"))
    #expect(!FileManager.default.fileExists(atPath: scene.path("c.ply")))
  }

  /// Names are separated by commas, with blanks or without; a word that stands for several may name one again.
  @Test func listsOfNamesAreReadAsPeopleWriteThem() throws {
    let scene = try Scene()
    let blanks = try SpiderProgram.run(
      "mesh", scene.labels, "--labels", "skull , mandible", "--out", scene.path("a.stl"))
    #expect(blanks.status == 0, "\(blanks.errors)")
    for (list, says) in [
      ("bones,skull", "'skull' is named twice: bones stands for skull, mandible, cervical_spine"),
      ("mandible, all", "'mandible' is named twice: all stands for"),
      ("skull,skull", "'skull' is named twice\n"), ("skull,,mandible", "a name is missing"),
      ("skull,background", "it has no surface"), ("skul", "'skul' is no label"),
    ] {
      let run = try SpiderProgram.run(
        "mesh", scene.labels, "--labels", list, "--out", scene.path("b.stl"))
      #expect(run.status == 1 && run.errors.contains(says), "\(list): \(run.errors)")
    }
  }

  /// Whole numbers from 0 to 255 are not labels yet: an 8-bit picture has them, and other programs' labels.
  @Test func numbersThatTheSchemeDoesNotNameAreRefused() throws {
    let scene = try Scene()
    var labels = try NIfTI.readLabels(scene.folder["head_labels.nii.gz"])
    labels.values[100] = 255
    labels.values[101] = 254
    try NIfTI.write(labels, to: scene.folder["known.nii"])
    let known = try SpiderProgram.run(
      "mesh", scene.path("known.nii"), "--out", scene.path("known.stl"))
    #expect(known.status == 0, "\(known.errors)")
    labels.values[100] = 77
    try NIfTI.write(labels, to: scene.folder["one.nii"])
    let picture = labels.withValues(labels.values.indices.map { UInt8($0 * 37 % 200) })
    try NIfTI.write(picture, to: scene.folder["picture.nii"])
    for (name, words) in [("one.nii", "it holds 77"), ("picture.nii", "other values")] {
      let run = try SpiderProgram.run("mesh", scene.path(name), "--out", scene.path("c.stl"))
      #expect(run.status == 1 && run.errors.contains(words), "\(run.errors)")
      #expect(run.errors.contains(name) && run.errors.contains("--threshold"))
      #expect(!FileManager.default.fileExists(atPath: scene.path("c.stl")))
    }
  }

  /// A series gets a folder of its own, and what lies in another one stays.
  @Test func aSeriesIsNotWrittenAmongOtherFiles() throws {
    let scene = try Scene()
    try scene.makeRadiographs(.pa, .left)
    func reconstruct(into folder: String) throws -> SpiderProgram.Run {
      try SpiderProgram.run(
        "reconstruct", scene.path("head_pa.nii.gz"), scene.path("head_left.nii.gz"), "--model",
        scene.model, "--size", "8", "--out", scene.path("ct.nii"), "--accept-faults", "--overwrite",
        "--dicom", scene.path(folder))
    }
    let manager = FileManager.default
    for name in ["empty", "full"] {
      try manager.createDirectory(at: scene.folder[name], withIntermediateDirectories: false)
    }
    try Data([1]).write(to: scene.folder["full/mine.dcm"])
    let full = try reconstruct(into: "full")
    #expect(full.status == 1 && full.errors.contains("this folder is not empty (1 file)"))
    #expect(try manager.contentsOfDirectory(atPath: scene.path("full")) == ["mine.dcm"])
    let file = try reconstruct(into: "full/mine.dcm")
    #expect(file.status == 1 && file.errors.contains("a file where a folder"), "\(file.errors)")
    let nowhere = try reconstruct(into: "none/series")
    #expect(nowhere.status == 1 && nowhere.errors.contains("does not exist"), "\(nowhere.errors)")
    #expect(!manager.fileExists(atPath: scene.path("ct.nii")))
    #expect(try reconstruct(into: "empty").status == 0)
    #expect(try manager.contentsOfDirectory(atPath: scene.path("empty")).count == 8)
  }

  @Test func aReconstructionWritesMeshTableAndRecord() throws {
    let scene = try Scene()
    try scene.makeRadiographs(.pa, .left)
    func reconstruct(_ name: String, _ more: String...) throws -> SpiderProgram.Run {
      try SpiderProgram.run(
        [
          "reconstruct", scene.path("head_pa.nii.gz"), scene.path("head_left.nii.gz"), "--model",
          scene.model, "--size", "16", "--out", scene.path(name), "--accept-faults",
        ] + more)
    }
    let run = try reconstruct(
      "ct.nii", "--labels", scene.path("labels.nii"), "--mesh", scene.path("all.ply"),
      "--mesh-labels",
      "background,soft_tissue", "--json")
    #expect(run.status == 1 && run.errors.contains("'background' is what no label covers"))
    let whole = try reconstruct(
      "ct.nii", "--labels", scene.path("labels.nii"), "--label-table", scene.path("labels.txt"),
      "--record", scene.path("record.json"), "--dicom", scene.path("series"), "--mesh",
      scene.path("all.ply"), "--mesh-labels",
      "soft_tissue,intracranial,skull,mandible,cervical_spine,air_cavities", "--json")
    #expect(whole.status == 0, "\(whole.errors)")
    let object = try whole.object()
    let outputs = try #require(object["outputs"] as? [String: Any])
    #expect(outputs["mesh"] as? String == scene.path("all.ply"))
    #expect(FileManager.default.fileExists(atPath: scene.path("all.ply")))
    // The series is the volume, in DICOM's order of voxels.
    let series = try SpiderProgram.run("info", scene.path("series"), "--json").object()
    let volume = try SpiderProgram.run("info", scene.path("ct.nii"), "--json").object()
    #expect(series["orientation"] as? String == "LPS" && volume["orientation"] as? String == "RAS")
    for key in ["min", "max", "mean"] {
      #expect(series[key] as? Double == volume[key] as? Double, "\(key)")
    }
    // The record is what was printed.
    let record = try String(contentsOf: scene.folder["record.json"], encoding: .utf8)
    #expect(record == whole.output)
    #expect(object["version"] as? String == SpiderRelease.version)
    #expect((object["model_sha256"] as? String)?.count == 64)
    #expect((object["command"] as? [String])?.contains("--mesh-labels") == true)
    let views = try #require(object["views"] as? [[String: Any]])
    let geometry = try #require(views[0]["geometry"] as? [String: Any])
    #expect(geometry["columns"] as? Int == 32 && geometry["source_mm"] is [Double])
    let table = try String(contentsOf: scene.folder["labels.txt"], encoding: .utf8)
    #expect(table.contains("3 240 222 150 1 1 1 \"skull\""))
    // The volumes say what made them, and nothing of when or where: the same again.
    #expect(try reconstruct("again.nii").status == 0)
    let (first, second) = (
      try Data(contentsOf: scene.folder["ct.nii"]), try Data(contentsOf: scene.folder["again.nii"])
    )
    #expect(first == second)
    let text = String(decoding: first.prefix(4096), as: UTF8.self)
    #expect(text.contains("Spider \(SpiderRelease.version) model "))
    #expect(text.contains("\"not for diagnosis\"") && text.contains("\"source_mm\""))
    #expect(!text.contains(scene.folder.url.path))
    let info = try SpiderProgram.run("info", scene.path("ct.nii"), "--json").object()
    #expect((info["description"] as? String)?.hasPrefix("Spider \(SpiderRelease.version)") == true)
  }
}
