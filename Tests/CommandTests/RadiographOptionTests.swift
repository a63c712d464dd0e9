import Foundation
import SpiderCore
import SpiderIO
import SpiderTestSupport
import Testing

/// What X-rays without a geometry file need to be told on the command line.
@Suite struct RadiographOptionTests {
  let scene: Scene
  init() throws { scene = try Scene() }

  private func reconstruct(_ arguments: [String], out: String = "ct.nii") throws
    -> SpiderProgram.Run
  {
    try SpiderProgram.run(
      [
        "reconstruct", "--model", scene.model, "--size", "16", "--no-bfloat16", "--overwrite",
        "--out",
        scene.path(out),
      ]
        + arguments)
  }

  private func volume(_ name: String) throws -> [Float] {
    try NIfTI.readVolume(scene.folder[name]).values
  }

  /// Spider's own images state their detector's place: another pose than theirs would be refused.
  @Test func everyPoseOfDRRCanBeReconstructed() throws {
    let pose = [
      "--tilt", "10", "--tilt", "-5", "--offset", "30,-14.4", "--sad", "900", "--sid", "1300",
      "--isocenter", "1,2,3",
    ]
    let made = try SpiderProgram.run(
      ["drr", scene.ct, "--view", "pa", "--view", "left", "--size", "32", "--out", scene.path("x")]
        + pose)
    #expect(made.status == 0, "\(made.errors)")
    let images = [
      "--view", "pa=" + scene.path("x/head_pa.nii.gz"), "--view",
      "left=" + scene.path("x/head_left.nii.gz"),
    ]
    // With geometry files all of it is idle, and said to be.
    let beside = try reconstruct(images + pose, out: "a.nii")
    #expect(beside.status == 0, "\(beside.errors)")
    #expect(
      beside.errors.contains("--sad, --sid, --tilt, --offset have no effect"), "\(beside.errors)")
    try FileManager.default.removeItem(at: scene.folder["x/head_left.json"])
    let half = try reconstruct(images + pose, out: "b.nii")
    #expect(half.status == 0, "\(half.errors)")
    #expect(half.errors.contains("head_pa.nii.gz: --tilt has no effect on it"), "\(half.errors)")
    try FileManager.default.removeItem(at: scene.folder["x/head_pa.json"])
    let stated = try reconstruct(images + pose, out: "c.nii")
    #expect(stated.status == 0, "\(stated.errors)")
    #expect(!stated.errors.contains("no effect"), "\(stated.errors)")
    #expect(try volume("a.nii") == volume("b.nii") && volume("a.nii") == volume("c.nii"))
    // The tilts in the other order are those of the other views.
    let other = try reconstruct(
      images + ["--tilt", "-5", "--tilt", "10"] + pose.dropFirst(4))
    #expect(other.status == 1 && other.errors.contains("differ by"), "\(other.errors)")
  }

  @Test func negativeFilmsAreTurnedRound() throws {
    try scene.makeRadiographs(.pa, .left)
    for view in ["pa", "left"] {
      let image = try RadiographFile.read(image: scene.folder["head_\(view).nii.gz"]).radiograph
      let top = try #require(image.values.max())
      let greys = image.values.map { UInt16(($0 / top * 65535).rounded()) }
      for (name, pixels) in [("film", greys.map { 65535 - $0 }), ("positive", greys)] {
        try PNG.writeGrey16(pixels, width: 32, height: 32, to: scene.folder["\(name)_\(view).png"])
      }
    }
    func views(_ name: String) -> [String] {
      ["pa", "left"].flatMap { ["--view", "\($0)=" + scene.path("\(name)_\($0).png")] }
    }
    let film = try reconstruct(views("film") + ["--invert"], out: "a.nii")
    #expect(film.status == 0 && film.errors.contains("turned round"), "\(film.errors)")
    let positive = try reconstruct(views("positive"), out: "b.nii")
    #expect(positive.status == 0, "\(positive.errors)")
    expectClose(try volume("a.nii"), try volume("b.nii"), atol: 2)
    // Line integrals are what they are.
    let absolute = try reconstruct(
      [
        "--view", scene.path("head_pa.nii.gz"), "--view", scene.path("head_left.nii.gz"),
        "--invert",
      ])
    #expect(
      absolute.status == 1 && absolute.errors.contains("line integrals"), "\(absolute.errors)")
  }

  @Test func anImageThatDoesNotSayHowItHangs() throws {
    try scene.makeRadiographs(.pa, .left)
    for view in ["pa", "left"] {
      let image = try RadiographFile.read(image: scene.folder["head_\(view).nii.gz"]).radiograph
      try RadiographFile.write(image, to: scene.folder["plain_\(view).nii"])
      var bytes = try Data(contentsOf: scene.folder["plain_\(view).nii"])
      // No qform, no sform, no word that it is ours.
      for place in Array(148..<228) + Array(252..<256) { bytes[place] = 0 }
      try bytes.write(to: scene.folder["plain_\(view).nii"])
    }
    let views = ["pa", "left"].flatMap { ["--view", "\($0)=" + scene.path("plain_\($0).nii")] }
    let silent = try reconstruct(views)
    #expect(silent.status == 1 && silent.errors.contains("--first-row"), "\(silent.errors)")
    #expect(try reconstruct(views + ["--first-row", "top"]).status == 0)
    try FileManager.default.copyItem(
      at: scene.folder["head_pa.json"], to: scene.folder["plain_pa.json"])
    let known = try SpiderProgram.run("info", scene.path("plain_pa.nii"))
    #expect(known.status == 0, "\(known.errors)")
  }

  @Test func aDetectorBeforeTheIsocentreIsWarnedOf() throws {
    let projection = RTKProjection(
      gantryAngle: 30, sourceToIsocenter: 1000, sourceToDetector: 900)
    let url = scene.folder["g.xml"]
    try Data(RTKGeometryFile.text([projection]).utf8).write(to: url)
    let run = try SpiderProgram.run(
      "geometry", url.path, "--size", "128", "--pixel", "3.6", "--json")
    #expect(run.status == 0)
    #expect(run.errors.contains("the detector lies between source and isocentre"), "\(run.errors)")
    #expect(try (run.object()["warnings"] as? [String])?.count == 1)
  }
}
