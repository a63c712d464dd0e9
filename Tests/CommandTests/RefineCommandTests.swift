import Foundation
import SpiderCore
import SpiderIO
import SpiderTestSupport
import Testing

/// `spider reconstruct --refine`.
@Suite struct RefineCommandTests {
  private let scene: Scene

  init() throws {
    scene = try Scene()
    try scene.makeRadiographs(.pa, .left)
  }

  private func reconstruct(_ name: String, _ options: String...) throws -> SpiderProgram.Run {
    try SpiderProgram.run(
      [
        "reconstruct", scene.path("head_pa.nii.gz"), scene.path("head_left.nii.gz"), "--model",
        scene.model, "--out", scene.path(name), "--accept-faults", "--json",
      ] + options)
  }

  @Test func itIsDoneUnlessItIsDeclinedAndTheRecordSaysHow() throws {
    let refined = try reconstruct("a.nii", "--size", "52", "--model", "head")
    try #require(refined.status == 0, "\(refined.errors)")
    let record = try refined.object()
    let refinement = try #require(record["refinement"] as? [String: Any])
    #expect(refinement["iterations"] is Int)
    let views = try #require(refinement["views"] as? [[String: Any]])
    #expect(views.count == 2)
    for view in views {
      #expect(Set(view.keys) == ["use", "share", "residual_before", "residual_after"])
      let use = try #require(view["use"] as? String)
      #expect(["line_integrals", "toned", "contradicted", "unused"].contains(use))
    }
    let plain = try reconstruct("b.nii", "--size", "52", "--refine", "0", "--model", "head")
    try #require(plain.status == 0, "\(plain.errors)")
    let answer = try plain.object()
    #expect(answer["refinement"] is NSNull)
    for view in try #require(answer["views"] as? [[String: Any]]) {
      let before = try #require(view["reprojection_relative_error_before"] as? Double)
      #expect(before == view["reprojection_relative_error"] as? Double)
      let agreement = try #require(view["agreement_before"] as? Double)
      #expect(agreement == view["agreement"] as? Double)
    }
    // Both start from the same answer.
    let first = try #require((record["views"] as? [[String: Any]])?.first)
    let second = try #require((answer["views"] as? [[String: Any]])?.first)
    expectClose(
      try #require(first["reprojection_relative_error_before"] as? Double),
      try #require(second["reprojection_relative_error"] as? Double), rtol: 1e-3, atol: 1e-4)
    expectClose(
      try #require(first["agreement_before"] as? Double),
      try #require(second["agreement"] as? Double), rtol: 1e-3, atol: 1e-4)
    #expect(first["agreement"] as? Double != first["agreement_before"] as? Double)
  }

  @Test func energiesThatContradictEachOtherAreToldOf() throws {
    for (view, energy) in [("pa", 70.0), ("left", 60.0)] {
      let file = scene.folder["head_\(view).json"]
      var sidecar = try GeometrySidecar.read(file)
      sidecar.photonEnergy = energy
      try sidecar.write(to: file, overwrite: true)
    }
    let other = try reconstruct("h.nii", "--size", "52")
    #expect(other.status == 0 && other.errors.contains("at 60 and 70 keV"), "\(other.errors)")
  }

  /// 20 bytes a pixel: as read, and the images made of it.
  @Test func largeRadiographsArePlannedFor() throws {
    func planned(_ size: Int) throws -> Int {
      let made = try SpiderProgram.run(
        "drr", scene.ct, "--view", "pa", "--view", "left", "--isocenter", "0,0,0", "--size",
        "\(size)",
        "--pixel", "\(460.8 / Double(size))", "--out", scene.folder.url.path, "--overwrite")
      try #require(made.status == 0, "\(made.errors)")
      let run = try reconstruct("m\(size).nii", "--size", "16")
      try #require(run.status == 0, "\(run.errors)")
      return try #require(try run.object()["planned_memory_bytes"] as? Int)
    }
    #expect(try planned(512) - planned(128) == 2 * (512 * 512 - 128 * 128) * 20)
    let refused = try reconstruct("n.nii", "--size", "16", "--max-memory", "1M")
    #expect(refused.status == 1 && refused.errors.contains("these X-rays"), "\(refused.errors)")
  }

  @Test func voxelsTooCoarseAreToldOf() throws {
    let coarse = try reconstruct("e.nii", "--size", "32")
    try #require(coarse.status == 0, "\(coarse.errors)")
    #expect(coarse.errors.contains("not refined: voxels of more than 5 mm"), "\(coarse.errors)")
    #expect(try coarse.object()["refinement"] is NSNull)
    let declined = try reconstruct("f.nii", "--size", "32", "--refine", "0")
    #expect(declined.status == 0 && !declined.errors.contains("not refined"))
    let asked = try reconstruct("g.nii", "--size", "32", "--refine", "2")
    #expect(asked.status == 1 && asked.errors.contains("--refine: voxels of more than 5 mm"))
  }

  /// What is scored is what `reconstruct` gives.
  @Test func evaluationRefinesToo() throws {
    let folder = scene.folder["set"].path
    let prepared = try SpiderProgram.run(
      "prepare", scene.ct, "--labels", scene.folder.url.path, "--phantom", "--isocenter", "0,0,0",
      "--size", "32", "--split", "test=head", "--out", folder)
    try #require(prepared.status == 0, "\(prepared.errors)")
    func score(_ model: String, _ options: String...) throws -> (error: Double, steps: Int) {
      let run = try SpiderProgram.run(
        ["evaluate", "--model", model, "--data", folder, "--size", "52", "--json"] + options)
      try #require(run.status == 0, "\(run.errors)")
      let object = try run.object()
      let cases = try #require(object["cases"] as? [[String: Any]])
      return (
        try #require(cases[0]["reprojection_relative_error"] as? Double),
        try #require(object["refine"] as? Int)
      )
    }
    let (plain, usual) = (try score("head", "--refine", "0"), try score("head"))
    #expect(plain.steps == 0 && usual.steps == 8)
    #expect(usual.error < 0.9 * plain.error, "\(usual.error) after \(plain.error)")
    #expect(try score("two-view").steps == 0)
    #expect(try score("two-view", "--refine", "2").steps == 2)
    let pair = try SpiderProgram.run(
      "evaluate", "--reference", scene.ct, "--candidate", scene.ct, "--refine", "2")
    #expect(pair.status == 64 && pair.errors.contains("--refine"), "\(pair.errors)")
  }

  /// The whole is refined for it at 2 mm: a region of the same voxels shows what the whole shows.
  @Test func aRegionIsRefinedAsTheWholeIs() throws {
    let whole = try reconstruct("whole.nii", "--size", "128", "--model", "head")
    let plain = try reconstruct(
      "plain.nii", "--size", "128", "--refine", "0", "--model", "head")
    let region = ["--region", "-16,-24,-8,16,24,8", "--spacing", "2"]
    let page = scene.folder["part.html"]
    let part = try reconstruct(
      "part.nii", region[0], region[1], region[2], region[3], "--report", page.path, "--model",
      "head")
    for run in [whole, plain, part] { try #require(run.status == 0, "\(run.errors)") }
    let (all, answer, few) = (
      try NIfTI.readVolume(scene.folder["whole.nii"]),
      try NIfTI.readVolume(scene.folder["plain.nii"]),
      try NIfTI.readVolume(scene.folder["part.nii"])
    )
    try #require(few.grid.shape == SIMD3(16, 24, 8))
    let (cut, before) = (
      all.resampled(onto: few.grid, outside: 0), answer.resampled(onto: few.grid, outside: 0)
    )
    // Files hold whole HU, and the sums are rounded once more.
    for (a, b) in zip(few.values, cut.values) { expectClose(Double(a), Double(b), atol: 1.01) }
    #expect(zip(cut.values, before.values).contains { abs($0 - $1) > 3 }, "nothing was refined")

    let (record, wholeRecord) = (try part.object(), try whole.object())
    let refinement = try #require(record["refinement"] as? [String: Any])
    #expect(refinement["carried_from_mm"] as? Double == 2)
    let other = try #require(wholeRecord["refinement"] as? [String: Any])
    #expect(other["carried_from_mm"] is NSNull)
    let views = try #require(record["views"] as? [[String: Any]])
    let wholeViews = try #require(wholeRecord["views"] as? [[String: Any]])
    for (view, whole) in zip(views, wholeViews) {
      expectClose(
        try #require(view["agreement"] as? Double), try #require(whole["agreement"] as? Double),
        atol: 1e-3)
    }
    // The page holds the whole against the X-rays, not the region.
    let html = try String(contentsOf: page, encoding: .utf8)
    for view in views {
      let agreement = try #require(view["agreement"] as? Double)
      #expect(html.contains(String(format: "Agreement %.3f (1 is full", agreement)))
    }
    let declined = try reconstruct(
      "d.nii", region[0], region[1], region[2], region[3], "--refine", "0")
    try #require(declined.status == 0, "\(declined.errors)")
    #expect(try declined.object()["refinement"] is NSNull)
  }

  /// Of voxels too coarse to be refined a region is like the whole: the model's answer, and that is said.
  @Test func aCoarseRegionIsLeftAsACoarseWholeIs() throws {
    let run = try reconstruct("c.nii", "--region", "-64,-64,-64,64,64,64", "--spacing", "8")
    try #require(run.status == 0, "\(run.errors)")
    #expect(try run.object()["refinement"] is NSNull)
    #expect(run.errors.contains("not refined: voxels of more than 5 mm"), "\(run.errors)")
  }
}
