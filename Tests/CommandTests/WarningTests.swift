import Foundation
import SpiderCore
import SpiderDRR
import SpiderIO
import Testing

/// What is likely a mistake, but may be meant, is said in words and in JSON.
@Suite struct WarningTests {
  let scene: Scene
  init() throws { scene = try Scene() }

  private func warnings(_ arguments: String...) throws -> (all: [String], record: [String: Any]) {
    let run = try SpiderProgram.run(arguments + ["--json"])
    try #require(run.status == 0, "\(run.errors)")
    let record = try run.object()
    let warnings = try #require(record["warnings"] as? [String])
    for warning in warnings { #expect(run.errors.contains(warning)) }
    return (warnings, record)
  }

  /// A CT stored as HU + 1024, and one with a voxel that is no number.
  @Test func valuesThatAreNotHU() throws {
    var ct = try NIfTI.readVolume(scene.folder["head.nii.gz"])
    for index in ct.values.indices { ct.values[index] += 1024 }
    try NIfTI.write(ct, to: scene.folder["shifted.nii"])
    try scene.writeWithHole(ct, to: "holes.nii")

    let drr = try warnings(
      "drr", scene.path("shifted.nii"), "--size", "16", "--out", scene.path("x")
    ).all
    #expect(drr.contains { $0.contains("shifted.nii") && $0.contains("not CT numbers") }, "\(drr)")
    let pair = try warnings(
      "evaluate", "--reference", scene.path("holes.nii"), "--candidate",
      scene.path("shifted.nii")
    ).all
    #expect(
      pair.contains { $0.contains("shifted.nii") && $0.contains("not CT numbers") }, "\(pair)")
    #expect(pair.contains { $0.contains("holes.nii: 1 voxel is not finite") }, "\(pair)")
    let sound = try warnings(
      "drr", scene.ct, "--isocenter", "0,0,0", "--size", "16", "--out", scene.path("x"))
    #expect(sound.all.isEmpty)
  }

  /// Another program's labels: numbers that cannot be Spider's are refused, those that can are told of.
  @Test func labelsOfAnotherTable() throws {
    let labels = try NIfTI.readLabels(scene.folder["head_labels.nii.gz"])
    func evaluate(_ name: String, _ change: (UInt8) -> UInt8) throws -> SpiderProgram.Run {
      try NIfTI.write(
        labels.withValues(labels.values.map(change)), to: scene.folder[name], overwrite: true)
      return try SpiderProgram.run(
        "evaluate", "--reference", scene.ct, "--candidate", scene.ct, "--reference-labels",
        scene.labels, "--candidate-labels", scene.path(name), "--json")
    }
    let own = try evaluate("own.nii") { $0 }
    #expect(own.status == 0 && !own.errors.contains("labels"), "\(own.errors)")
    let foreign = try evaluate("foreign.nii") { $0 == 3 ? 91 : $0 }
    #expect(foreign.status == 1 && foreign.errors.contains("it holds 91"), "\(foreign.errors)")
    #expect(foreign.errors.contains("3 skull") && foreign.errors.contains("--label-names"))
    let turned = try evaluate("turned.nii") { $0 == 1 ? 3 : $0 == 3 ? 1 : $0 }
    #expect(turned.status == 0)
    #expect(
      turned.errors.contains("turned.nii: label 1 would be 'soft_tissue'"),
      "\(turned.errors)")
    let warnings = try #require(try turned.object()["warnings"] as? [String])
    #expect(warnings.contains { $0.contains("another table") })
    #expect(!warnings.contains { $0.contains("head_labels.nii.gz") })
    let empty = try evaluate("empty.nii") { _ in 0 }
    #expect(empty.errors.contains("empty.nii: no voxel has a label"), "\(empty.errors)")
  }

  /// Labels beside their patient score nothing, whatever they are worth.
  @Test func labelsElsewhere() throws {
    let labels = try NIfTI.readLabels(scene.folder["head_labels.nii.gz"])
    var affine = labels.grid.affine
    affine.translation += Vector3(90, 0, 0)
    let grid = VoxelGrid(
      nx: labels.grid.nx, ny: labels.grid.ny, nz: labels.grid.nz, affine: affine)
    try NIfTI.write(LabelVolume(grid: grid, values: labels.values), to: scene.folder["moved.nii"])
    let told = try warnings(
      "evaluate", "--reference", scene.ct, "--candidate", scene.ct, "--reference-labels",
      scene.labels, "--candidate-labels", scene.path("moved.nii")
    ).all
    #expect(
      told.contains { $0.hasPrefix("moved.nii: ") && $0.contains("one position") }, "\(told)")
    #expect(told.count == 1, "\(told)")
  }

  /// Pictures by view name: what was taken for granted is said, and dark bone is told.
  @Test func picturesWithoutGeometry() throws {
    func write(_ name: String, inverted: Bool) throws {
      let greys = (0..<1024).map { index -> UInt16 in
        // Round: what is dark within straight edges would be the open field of a collimator.
        let (x, y) = (2 * (index % 32) - 31, 2 * (index / 32) - 31)
        let isHead = x * x + y * y < 20 * 20
        return isHead == inverted ? UInt16(index) : 60_000
      }
      try PNG.writeGrey16(greys, width: 32, height: 32, to: scene.folder[name])
    }
    try write("front.png", inverted: true)
    try write("side.png", inverted: false)
    func notes(_ options: String...) throws -> [String] {
      let run = try SpiderProgram.run(
        [
          "reconstruct", "--json", "--overwrite", "--size", "8", "--model", scene.model, "--view",
          "pa=\(scene.path("front.png"))", "--view", "left=\(scene.path("side.png"))", "--out",
          scene.path("ct.nii.gz"), "--accept-faults",
        ] + options)
      return try #require(run.object()["warnings"] as? [String], "\(run.errors)")
    }
    let assumed = try notes()
    #expect(
      assumed.filter { $0.contains("looks inverted: bone must be bright") }.map { $0.prefix(10) }
        == ["front.png:"])
    let isocenter = "isocentre 0,0,0 (assumed; state it with --isocenter)"
    #expect(assumed.count { $0.contains(isocenter) } == 2, "\(assumed)")
    #expect(try notes("--isocenter", "1,-2.5,3").count { $0.hasSuffix("isocentre 1,-2.5,3") } == 2)
  }

  /// A part of the head cannot explain the X-ray: no figure, as in reconstruct.
  @Test func reprojectionOfAPart() throws {
    try scene.makeRadiographs(.pa)
    let ct = try NIfTI.readVolume(scene.folder["head.nii.gz"])
    let box = VoxelGrid(
      nx: 16, ny: 16, nz: 16, boxFrom: Vector3(repeating: -64), to: Vector3(repeating: 64))
    try NIfTI.write(ct.resampled(onto: box, outside: -1000), to: scene.folder["part.nii.gz"])
    func score(_ name: String) throws -> (error: Any?, warnings: [String]) {
      let found = try warnings(
        "evaluate", "--reference", scene.ct, "--candidate", scene.path(name), "--view",
        scene.path("head_pa.nii.gz"))
      let item = (found.record["cases"] as? [[String: Any]])?.first
      return (item?["reprojection_relative_error"], found.all)
    }
    let (whole, part) = (try score("head.nii.gz"), try score("part.nii.gz"))
    #expect(try #require(whole.error as? Double) < 1e-3)
    #expect(part.error is NSNull)
    #expect(part.warnings.contains { $0.contains("part.nii.gz") && $0.contains("256 mm") })
  }

  /// A full disk under standard output is a failure like any other.
  @Test func answerThatCannotBeWritten() throws {
    for arguments in [["info", scene.ct], ["info", scene.ct, "--json"]] {
      let run = try SpiderProgram.run(arguments, output: "/dev/full")
      #expect(run.status == 1 && run.errors.contains("standard output"), "\(run.errors)")
    }
  }
}
