import Foundation
import SpiderCore
import SpiderEvaluation
import SpiderIO
import SpiderTestSupport
import Testing

/// The commands hand their files to one another.
@Suite struct WorkflowTests {
  let scene: Scene
  init() throws { scene = try Scene() }

  private func succeed(_ arguments: String...) throws -> [String: Any] {
    let run = try SpiderProgram.run(arguments + ["--json", "--threads", "2"])
    try #require(run.status == 0, "\(arguments): \(run.errors)")
    return try run.object()
  }

  @Test func fromCTToFigures() throws {
    _ = try succeed(
      "drr", scene.ct, "--size", "32", "--isocenter", "0,0,0", "--out", scene.path("x"))
    let names = try FileManager.default.contentsOfDirectory(atPath: scene.path("x")).sorted()
    #expect(
      names
        == ["left", "pa"].flatMap { ["head_\($0).json", "head_\($0).nii.gz", "head_\($0).png"] })

    let record = try succeed(
      "reconstruct", "--view", scene.path("x/head_pa.nii.gz"), "--view",
      scene.path("x/head_left.nii.gz"), "--model", scene.model, "--size", "24", "--out",
      scene.path("ct.nii.gz"), "--labels", scene.path("labels.nii.gz"), "--report",
      scene.path("page.html"))
    #expect(record["points"] as? Int == 24 * 24 * 24)
    let culled = try #require(record["points_culled"] as? Int)
    #expect(culled > 0 && culled < 24 * 24 * 24)
    #expect((record["peak_memory_bytes"] as? Int ?? 0) > 1_000_000)
    let seconds = try #require(record["seconds"] as? [String: Double])
    #expect(Set(seconds.keys) == ["read", "encode", "decode", "refine", "write", "total"])
    let outputs = try #require(record["outputs"] as? [String: Any])
    #expect(
      Set(outputs.keys) == [
        "ct", "labels", "uncertainty", "mesh", "report", "label_table", "record", "dicom",
      ])
    #expect(outputs["mesh"] is NSNull && outputs["uncertainty"] is NSNull)
    let views = try #require(record["views"] as? [[String: Any]])
    #expect(views.count == 2)
    for view in views {
      let error = try #require(view["reprojection_relative_error"] as? Double)
      #expect(error > 0 && error == view["reprojection_relative_error_before"] as? Double)
      #expect(view["absolute"] as? Bool == true)
    }
    let page = try String(contentsOf: scene.folder["page.html"], encoding: .utf8)
    #expect(page.contains("head_left.nii.gz") && page.contains("data:image/png"))
    let ct = try NIfTI.readVolume(scene.folder["ct.nii.gz"])
    #expect(ct.grid.shape == SIMD3(24, 24, 24) && ct.grid.orientation == .ras)
    expectClose(
      ct.grid.affine.rows.flatMap { $0 }, VoxelGrid.canonical(size: 24).affine.rows.flatMap { $0 },
      atol: 1e-4, "affine in single precision")

    let evaluation = try succeed(
      "evaluate", "--reference", scene.ct, "--candidate", scene.path("ct.nii.gz"),
      "--reference-labels", scene.labels, "--candidate-labels", scene.path("labels.nii.gz"),
      "--view", scene.path("x/head_pa.nii.gz"))
    let item = try #require((evaluation["cases"] as? [[String: Any]])?.first)
    #expect(Set(item.keys) == Set(CaseMetrics.CodingKeys.allCases.map(\.rawValue)))
    #expect(item["labels_from"] as? String == "network")
    // The volume was written as whole HU; that is all that differs.
    expectClose(
      try #require(item["reprojection_relative_error"] as? Double),
      try #require(views[0]["reprojection_relative_error"] as? Double), rtol: 1e-4, atol: 0)
    // There is no unlabelled voxel in a phantom: null, not absent.
    #expect(item["psnr_unlabelled_db"] is NSNull)
    let mean = try #require(evaluation["mean"] as? [String: Any])
    let psnr = try #require(mean["psnr_db"] as? [String: Any])
    #expect(psnr["value"] as? Double == item["psnr_db"] as? Double)
    #expect(psnr["low"] is NSNull && psnr["high"] is NSNull)
  }

  /// A region is the same answer on fewer voxels, and says nothing about the X-rays as a whole.
  @Test func regionOfTheField() throws {
    try scene.makeRadiographs(.pa, .left)
    let views = [
      "--view", scene.path("head_left.nii.gz"), "--view", scene.path("head_pa.nii.gz"), "--model",
      scene.model,
    ]
    func reconstruct(_ name: String, _ options: String...) throws -> (Volume, [String: Any]) {
      let run = try SpiderProgram.run(
        ["reconstruct", "--json", "--out", scene.path(name)] + views + options)
      try #require(run.status == 0, "\(run.errors)")
      return (try NIfTI.readVolume(scene.folder[name]), try run.object())
    }
    let (whole, _) = try reconstruct("whole.nii", "--spacing", "16")
    let (part, record) = try reconstruct(
      "part.nii", "--region", "-64,-32,0,64,32,64", "--spacing", "16")
    #expect(whole.grid.shape == SIMD3(16, 16, 16))
    #expect(part.grid.shape == SIMD3(8, 4, 4))
    expectClose(
      part.values, whole.resampled(onto: part.grid, outside: -1000).values, atol: 1.01,
      "HU, rounded to whole ones")
    for view in try #require(record["views"] as? [[String: Any]]) {
      #expect(view["reprojection_relative_error"] is NSNull)
    }
    let (long, _) = try reconstruct("long.nii", "--region", "-64,-32,0,64,32,64", "--size", "32")
    #expect(long.grid.shape == SIMD3(32, 16, 16))
    let (odd, _) = try reconstruct("odd.nii", "--size", "8x16x4")
    #expect(odd.grid.shape == SIMD3(8, 16, 4) && odd.grid.spacing == Vector3(32, 16, 64))
  }

  /// Pictures without geometry, named: what is assumed is said.
  @Test func namedPictures() throws {
    _ = try succeed("drr", scene.ct, "--size", "32", "--out", scene.path("x"))
    for view in ["pa", "left"] {
      try FileManager.default.moveItem(
        at: scene.folder["x/head_\(view).png"], to: scene.folder["\(view).png"])
    }
    let record = try succeed(
      "reconstruct", "--view", "pa=\(scene.path("pa.png"))", "--view",
      "left=\(scene.path("left.png"))", "--model", scene.model, "--size", "8", "--out",
      scene.path("ct.nii.gz"))
    let warnings = try #require(record["warnings"] as? [String])
    #expect(warnings.contains { $0.contains("pa.png") && $0.contains("14.4 x 14.4 mm (assumed") })
    let views = try #require(record["views"] as? [[String: Any]])
    #expect(views.allSatisfy { $0["absolute"] as? Bool == false })
    #expect(record["isocenter_mm"] as? [Double] == [0, 0, 0])
  }

  @Test func everyFileTellsWhatItIs() throws {
    try scene.makeRadiographs(.pa)
    let volume = try succeed("info", scene.ct)
    #expect(volume["kind"] as? String == "volume")
    #expect(volume["shape"] as? [Int] == [32, 32, 32])
    #expect(volume["spacing_mm"] as? [Double] == [8, 8, 8])
    #expect(volume["orientation"] as? String == "RAS")
    for key in ["affine", "datatype", "min", "max", "mean"] { #expect(volume[key] != nil) }
    #expect(
      try succeed("info", scene.path("head_pa.nii.gz"))["kind"] as? String == "radiograph")
    let geometry = try succeed("info", scene.path("head_pa.json"))
    #expect(geometry["kind"] as? String == "geometry")
    #expect(geometry["source_mm"] as? [Double] == [0, -1000, 0])
    let model = try succeed("info", scene.model)
    #expect(model["kind"] as? String == "model")
    #expect(model["parameters"] as? Int == Scene.tinyModel().network.layout.count)
    #expect(model["views"] as? [String] == ["pa", "left"])
  }

  @Test func dataSetIsScoredWithModelAndBaselines() throws {
    let data = scene.path("data")
    _ = try succeed(
      "prepare", scene.ct, "--isocenter", "0,0,0", "--size", "32", "--phantom", "--out", data)
    let summary = try succeed("info", data)
    #expect(summary["kind"] as? String == "dataset")
    #expect((summary["cases"] as? [[String: Any]])?.count == 1)

    func psnr(_ method: String) throws -> Double {
      let scores = try succeed(
        "evaluate", "--model", method, "--data", data, "--split", "train", "--size", "32")
      let item = try #require((scores["cases"] as? [[String: Any]])?.first)
      #expect(item["id"] as? String == "head")
      return try #require(item["psnr_db"] as? Double)
    }
    // The mean of one volume is that volume; a network that has learned nothing is far from it.
    let (mean, twoView, model) = (
      try psnr("mean-volume"), try psnr("two-view"), try psnr(scene.model)
    )
    #expect(mean > 99)
    #expect(twoView > model + 3 && twoView < 40, "two-view \(twoView), random model \(model)")
    // Voxels too coarse to refine are told of where refinement is usual; baselines have none unless asked.
    func warnings(_ method: String) throws -> [String] {
      let scores = try succeed(
        "evaluate", "--model", method, "--data", data, "--split", "train", "--size", "9")
      return try #require(scores["warnings"] as? [String])
    }
    #expect(try warnings("mean-volume") == [])
    #expect(try warnings(scene.model).contains { $0.hasPrefix("not refined: ") })
    let empty = try SpiderProgram.run("evaluate", "--model", "two-view", "--data", data)
    #expect(empty.status == 1 && empty.errors.contains("no case in the split 'test'"))
  }

  @Test func demoLeavesEverything() throws {
    let record = try succeed(
      "demo", "--size", "16", "--model", scene.model, "--out", scene.path("demo"))
    let names = try FileManager.default.contentsOfDirectory(atPath: scene.path("demo")).sorted()
    #expect(
      names == [
        "ct.nii.gz", "labels.nii.gz", "left.json", "left.nii.gz", "left.png", "pa.json",
        "pa.nii.gz", "pa.png", "report.html", "slices.png", "truth.nii.gz", "truth_labels.nii.gz",
      ])
    #expect(
      Set(try #require(record["outputs"] as? [String]).map { ($0 as NSString).lastPathComponent })
        == Set(names))
    let metrics = try #require(record["metrics"] as? [String: Any])
    #expect(metrics["psnr_db"] is Double && metrics["dice"] is [String: Any])
    #expect(try NIfTI.readVolume(scene.folder["demo/ct.nii.gz"]).grid == .canonical(size: 16))
    let again = try SpiderProgram.run(
      "demo", "--size", "16", "--model", scene.model, "--out", scene.path("demo"))
    #expect(again.status == 1 && again.errors.contains("--overwrite"))
  }
}
