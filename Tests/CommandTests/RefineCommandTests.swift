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
    let refined = try reconstruct("a.nii", "--size", "52")
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
    let plain = try reconstruct("b.nii", "--size", "52", "--refine", "0")
    try #require(plain.status == 0, "\(plain.errors)")
    let answer = try plain.object()
    #expect(answer["refinement"] is NSNull)
    for view in try #require(answer["views"] as? [[String: Any]]) {
      let before = try #require(view["reprojection_relative_error_before"] as? Double)
      #expect(before == view["reprojection_relative_error"] as? Double)
    }
    // Both start from the same answer.
    let first = try #require((record["views"] as? [[String: Any]])?.first)
    let second = try #require((answer["views"] as? [[String: Any]])?.first)
    expectClose(
      try #require(first["reprojection_relative_error_before"] as? Double),
      try #require(second["reprojection_relative_error"] as? Double), rtol: 1e-3, atol: 1e-4)
  }

  @Test func aRegionIsNotRefinedAndNotWhenAskedFor() throws {
    let region = ["--region", "-64,-64,-64,64,64,64", "--spacing", "4"]
    let quiet = try reconstruct("c.nii", region[0], region[1], region[2], region[3])
    try #require(quiet.status == 0, "\(quiet.errors)")
    #expect(try quiet.object()["refinement"] is NSNull)
    let asked = try reconstruct(
      "d.nii", region[0], region[1], region[2], region[3], "--refine", "3")
    #expect(asked.status == 1)
    #expect(asked.errors.contains("does not cover the field of view"), "\(asked.errors)")
    #expect(!FileManager.default.fileExists(atPath: scene.path("d.nii")))
  }
}
