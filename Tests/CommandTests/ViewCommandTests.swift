import Foundation
import SpiderCore
import SpiderIO
import SpiderTestSupport
import Testing

@Suite struct ViewCommandTests {
  private let scene: Scene

  init() throws { scene = try Scene() }

  private func page(_ name: String) throws -> String {
    try String(contentsOf: scene.folder[name], encoding: .utf8)
  }

  /// The manifest of a page.
  private func manifest(_ name: String) throws -> [String: Any] {
    let text = try page(name)
    let start = try #require(text.range(of: "id=\"manifest\">")).upperBound
    let end = try #require(text.range(of: "</script>", range: start..<text.endIndex)).lowerBound
    return try #require(
      JSONSerialization.jsonObject(with: Data(text[start..<end].utf8)) as? [String: Any])
  }

  private func firstCase(_ name: String) throws -> [String: Any] {
    let cases = try manifest(name)["cases"] as? [[String: Any]]
    return try #require(cases?.first)
  }

  @Test func eachFileIsTakenForWhatItIs() throws {
    try scene.makeRadiographs(.pa, .left)
    let run = try SpiderProgram.run(
      "view", scene.path("head_pa.nii.gz"), scene.labels, scene.ct, scene.path("head_left.nii.gz"),
      "--out", scene.path("page.html"), "--json")
    try #require(run.status == 0, "\(run.errors)")
    let object = try run.object()
    let files = try #require(object["files"] as? [[String: String]])
    #expect(files.map { $0["kind"] } == ["X-ray", "labels", "volume", "X-ray"])
    let outputs = try #require(object["outputs"] as? [String: String])
    #expect(outputs == ["report": scene.path("page.html")])
    let shown = try firstCase("page.html")
    #expect((shown["volumes"] as? [Any])?.count == 1 && (shown["labels"] as? [Any])?.count == 1)
    let views = try #require(shown["views"] as? [[String: Any]])
    #expect(views.count == 2)
    for view in views {
      let words = try #require(view["words"] as? String)
      // It is the volume that the X-rays were made of.
      #expect(words.hasPrefix("Agreement 1.000"), "\(words)")
    }
  }

  @Test func volumesStandSideBySideWithTheTruth() throws {
    try NIfTI.write(
      try NIfTI.readVolume(scene.folder["head.nii.gz"]), to: scene.folder["other.nii.gz"])
    let run = try SpiderProgram.run(
      "view", scene.ct, scene.path("other.nii.gz"), "--reference", scene.ct, "--out",
      scene.path("page.html"))
    try #require(run.status == 0, "\(run.errors)")
    let shown = try firstCase("page.html")
    let volumes = try #require(shown["volumes"] as? [[String: Any]])
    #expect(volumes.map { $0["role"] as? String } == ["answer", "answer", "truth"])
    #expect(volumes.map { $0["name"] as? String } == ["head.nii.gz", "other.nii.gz", "Truth"])
  }

  @Test func labelsAloneHaveAShape() throws {
    let run = try SpiderProgram.run("view", scene.labels, "--out", scene.path("page.html"))
    try #require(run.status == 0, "\(run.errors)")
    let shown = try firstCase("page.html")
    #expect((shown["volumes"] as? [Any])?.count == 1 && (shown["labels"] as? [Any])?.count == 1)
  }

  @Test func whatCannotBeShownIsSaid() throws {
    try scene.makeRadiographs(.pa)
    let far = VoxelGrid.canonical(size: 8, side: 64, center: Vector3(900, 0, 0))
    try NIfTI.write(LabelVolume(grid: far, repeating: 1), to: scene.folder["far.nii.gz"])
    let grid = try NIfTI.load(URL(fileURLWithPath: scene.ct)).volume.grid
    try NIfTI.write(Volume(grid: grid, repeating: 0), to: scene.folder["none.nii.gz"])
    let half = VoxelGrid(nx: grid.nx, ny: grid.ny, nz: grid.nz / 2, affine: grid.affine)
    try NIfTI.write(Volume(grid: half, repeating: 9), to: scene.folder["half.nii.gz"])
    for (name, value) in [("huge.nii", 1e30), ("minus.nii", -1)] as [(String, Float)] {
      let writer = try NIfTIWriter(
        scene.folder[name], grid: grid, datatype: .float32, content: .uncertainty, overwrite: false)
      try writer.append([Float](repeating: value, count: grid.count)[...])
      try writer.finish()
    }
    let page = scene.path("page.html")
    let cases: [(arguments: [String], says: String)] = [
      ([scene.path("head_pa.nii.gz")], "there is no volume"),
      ([scene.model], "no volume, label map or X-ray"),
      ([scene.path("nowhere.nii.gz")], "nowhere.nii.gz"),
      ([scene.ct, scene.path("far.nii.gz")], "far.nii.gz"),
      ([scene.ct, "--reference", scene.path("far.nii.gz")], "far.nii.gz"),
      ([scene.ct, "--uncertainty", scene.ct], "negative numbers"),
      ([scene.ct, "--uncertainty", scene.labels], "holds labels"),
      ([scene.ct, "--uncertainty", scene.path("none.nii.gz")], "0 everywhere"),
      ([scene.ct, "--uncertainty", scene.path("half.nii.gz")], "covers 50 %"),
      ([scene.ct, "--uncertainty", scene.path("huge.nii")], "off by"),
      ([scene.ct, "--uncertainty", scene.path("minus.nii")], "negative numbers"),
    ]
    for (arguments, says) in cases {
      let run = try SpiderProgram.run(["view"] + arguments + ["--out", page])
      #expect(run.status == 1 && run.errors.contains(says), "\(arguments): \(run.errors)")
      #expect(!FileManager.default.fileExists(atPath: page))
    }
    #expect(try SpiderProgram.run("view").status == 64)
  }

  @Test func aPageIsNotReplacedUnasked() throws {
    let page = scene.path("page.html")
    try Data("mine".utf8).write(to: scene.folder["page.html"])
    let run = try SpiderProgram.run("view", scene.ct, "--out", page)
    #expect(run.status == 1 && run.errors.contains("--overwrite"))
    #expect(try self.page("page.html") == "mine")
    #expect(try SpiderProgram.run("view", scene.ct, "--out", page, "--overwrite").status == 0)
    #expect(try self.page("page.html").contains("id=\"manifest\""))
  }
}

@Suite struct ReferenceTests {
  private let scene: Scene

  init() throws {
    scene = try Scene()
    try scene.makeRadiographs(.pa, .left)
  }

  private func reconstruct(_ more: String...) throws -> SpiderProgram.Run {
    try SpiderProgram.run(
      [
        "reconstruct", scene.path("head_pa.nii.gz"), scene.path("head_left.nii.gz"), "--model",
        scene.model, "--size", "16", "--out", scene.path("ct.nii.gz"),
      ] + more)
  }

  @Test func thePageOfAReconstructionShowsTruthMetricsAndBaselines() throws {
    let run = try reconstruct(
      "--report", scene.path("page.html"), "--reference", scene.ct, "--reference-labels",
      scene.labels)
    try #require(run.status == 0, "\(run.errors)")
    let page = try String(contentsOf: scene.folder["page.html"], encoding: .utf8)
    for word in ["\"role\":\"truth\"", "PSNR in the body", "two-view", "even head", "Command"] {
      #expect(page.contains(word), "\(word)")
    }
  }

  @Test func aTruthElsewhereLeavesTheReconstruction() throws {
    let far = VoxelGrid.canonical(size: 8, side: 64, center: Vector3(900, 0, 0))
    try NIfTI.write(Volume(grid: far, repeating: 40), to: scene.folder["far.nii.gz"])
    let run = try reconstruct(
      "--report", scene.path("page.html"), "--reference", scene.path("far.nii.gz"))
    #expect(run.status == 0 && run.errors.contains("far.nii.gz: not compared"), "\(run.errors)")
    let page = try String(contentsOf: scene.folder["page.html"], encoding: .utf8)
    #expect(!page.contains("\"role\":\"truth\"") && page.contains("not compared"))
  }

  @Test func theTruthNeedsAPage() throws {
    let run = try reconstruct("--reference", scene.ct)
    #expect(run.status == 64 && run.errors.contains("--report"))
  }

  @Test func anEvaluationHasItsPage() throws {
    let run = try SpiderProgram.run(
      "evaluate", "--reference", scene.ct, "--candidate", scene.ct, "--reference-labels",
      scene.labels, "--candidate-labels", scene.labels, "--report", scene.path("page.html"))
    try #require(run.status == 0, "\(run.errors)")
    let page = try String(contentsOf: scene.folder["page.html"], encoding: .utf8)
    #expect(page.contains("\"role\":\"truth\"") && page.contains("even head"))
    let again = try SpiderProgram.run(
      "evaluate", "--reference", scene.ct, "--candidate", scene.ct, "--report",
      scene.path("page.html"))
    #expect(again.status == 1 && again.errors.contains("--overwrite"))
  }
}
