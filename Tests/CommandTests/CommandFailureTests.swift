import Foundation
import SpiderIO
import Testing

/// What goes wrong is said in words that name the file and what to do, with exit status 1, and leaves
/// nothing behind.
@Suite struct CommandFailureTests {
  let scene: Scene
  init() throws { scene = try Scene() }

  private func fails(
    _ run: SpiderProgram.Run, saying words: String..., leaving files: [String],
    sourceLocation: SourceLocation = #_sourceLocation
  ) throws {
    #expect(run.status == 1, "\(run.errors)", sourceLocation: sourceLocation)
    #expect(run.output.isEmpty, sourceLocation: sourceLocation)
    for word in words {
      #expect(run.errors.contains(word), "\(run.errors)", sourceLocation: sourceLocation)
    }
    #expect(try scene.folder.names() == files.sorted(), sourceLocation: sourceLocation)
  }

  private let content = ["head.nii.gz", "head_labels.nii.gz", "model.safetensors"]

  @Test func missingFile() throws {
    let missing = scene.path("missing.nii.gz")
    for arguments in [
      ["info", missing], ["drr", missing, "--out", scene.path("out")],
      ["evaluate", "--reference", missing, "--candidate", scene.ct],
      ["reconstruct", "--view", "pa=\(missing)", "--out", scene.path("ct.nii.gz")],
    ] {
      try fails(
        SpiderProgram.run(arguments), saying: "missing.nii.gz", "no such file", "check the path",
        leaving: content)
    }
  }

  @Test func fileThatIsNotWhatItsNameSays() throws {
    try Data("{\"a\": 1}".utf8).write(to: scene.folder["text.nii.gz"])
    let files = content + ["text.nii.gz"]
    try fails(
      SpiderProgram.run("drr", scene.path("text.nii.gz"), "--out", scene.path("out")),
      saying: "text.nii.gz", "a JSON file, not a NIfTI file", leaving: files)
    try fails(
      SpiderProgram.run("info", scene.path("text.nii.gz")), saying: "\"schema\" is missing",
      leaving: files)
    try fails(
      SpiderProgram.run("evaluate", "--model", scene.ct, "--data", scene.folder.url.path),
      saying: "dataset.json", leaving: files)
    try fails(
      SpiderProgram.run("info", scene.folder.url.path),
      saying: "the folder is no data set of Spider",
      leaving: files)
    // A CT is no X-ray, and a volume is no model.
    try fails(
      SpiderProgram.run("reconstruct", "--view", scene.ct, "--out", scene.path("ct.nii.gz")),
      saying: "head.nii.gz", "not an X-ray image", leaving: files)
    try fails(
      SpiderProgram.run("demo", "--model", scene.ct, "--out", scene.path("demo")),
      saying: "head.nii.gz", "safetensors", leaving: files)
  }

  @Test func imageWithoutGeometry() throws {
    try PNG.writeGrey16(
      (0..<1024).map { UInt16($0 * 60) }, width: 32, height: 32, to: scene.folder["a.png"])
    try fails(
      SpiderProgram.run(
        "reconstruct", "--view", scene.path("a.png"), "--view", "left=\(scene.path("a.png"))",
        "--model", scene.model, "--out", scene.path("ct.nii.gz")),
      saying: "a.png", "without geometry", "pa=IMAGE", leaving: content + ["a.png"])
  }

  @Test func viewsThatContradictTheModel() throws {
    try scene.makeRadiographs(.pa, .ap, .left)
    let files = try scene.folder.names()
    func reconstruct(_ views: String...) throws -> SpiderProgram.Run {
      try SpiderProgram.run(
        ["reconstruct", "--model", scene.model, "--out", scene.path("ct.nii.gz")]
          + views.flatMap { ["--view", $0] })
    }
    let (pa, ap) = (scene.path("head_pa.nii.gz"), scene.path("head_ap.nii.gz"))
    try fails(
      reconstruct(pa), saying: "head_pa.nii.gz",
      "1 radiograph was given, the model reads 2 (pa, left)", "--model head-any",
      leaving: files)
    try fails(
      reconstruct(pa, ap), saying: "head_ap.nii.gz", "the model expects for 'left'", leaving: files)
    // A name that is not that of the geometry file.
    try fails(
      reconstruct("left=\(pa)", "left=\(scene.path("head_left.nii.gz"))"),
      saying: "head_pa.json", "not that of the view left", leaving: files)
  }

  @Test func radiographThatShowsNothing() throws {
    try scene.makeRadiographs(.left)
    try PNG.writeGrey16(
      [UInt16](repeating: 900, count: 1024), width: 32, height: 32, to: scene.folder["flat.png"])
    let files = try scene.folder.names()
    try fails(
      SpiderProgram.run(
        "reconstruct", "--view", scene.path("head_left.nii.gz"), "--view",
        "pa=\(scene.path("flat.png"))", "--model", scene.model, "--out",
        scene.path("ct.nii.gz")),
      saying: "flat.png", "shows nothing", leaving: files)
  }

  @Test func existingOutput() throws {
    try scene.makeRadiographs(.pa, .left)
    let old = Data("precious".utf8)
    try old.write(to: scene.folder["ct.nii.gz"])
    try old.write(to: scene.folder["head_30.json"])
    let files = try scene.folder.names()
    let reconstruct = [
      "reconstruct", "--view", scene.path("head_pa.nii.gz"), "--view",
      scene.path("head_left.nii.gz"), "--model", scene.model, "--size", "8", "--out",
      scene.path("ct.nii.gz"), "--labels", scene.path("labels.nii.gz"),
    ]
    try fails(
      SpiderProgram.run(reconstruct), saying: "ct.nii.gz", "already there", "--overwrite",
      leaving: files)
    // One of nine files is there: none is written.
    try fails(
      SpiderProgram.run(
        "drr", scene.ct, "--view", "60", "--view", "30", "--out", scene.folder.url.path),
      saying: "head_30.json", "already there", leaving: files)
    #expect(try Data(contentsOf: scene.folder["ct.nii.gz"]) == old)
    #expect(try Data(contentsOf: scene.folder["head_30.json"]) == old)

    let allowed = try SpiderProgram.run(reconstruct + ["--overwrite"])
    #expect(allowed.status == 0, "\(allowed.errors)")
    #expect(try Data(contentsOf: scene.folder["ct.nii.gz"]) != old)
  }

  @Test func placesThatCannotBeWritten() throws {
    try scene.makeRadiographs(.pa, .left)
    let files = try scene.folder.names()
    func reconstruct(_ options: String...) throws -> SpiderProgram.Run {
      try SpiderProgram.run(
        [
          "reconstruct", "--view", scene.path("head_pa.nii.gz"), "--view",
          scene.path("head_left.nii.gz"), "--model", scene.model, "--size", "8",
        ] + options)
    }
    let ct = scene.path("ct.nii.gz")
    try fails(
      reconstruct("--out", scene.path("none/ct.nii.gz")), saying: "create the folder first",
      leaving: files)
    try fails(
      reconstruct("--out", ct, "--labels", ct), saying: "two outputs have this name",
      leaving: files)
    // The CT must not appear when the report cannot.
    try fails(
      reconstruct("--out", ct, "--report", scene.path("none/page.html")), saying: "page.html",
      leaving: files)
    try fails(
      reconstruct("--out", ct, "--max-voxels", "500"), saying: "8 x 8 x 8", "--max-voxels",
      leaving: files)
    // What is planned to need more is refused before anything is done; what fits is done.
    try fails(
      reconstruct("--out", ct, "--max-memory", "10K"), saying: "8 x 8 x 8 voxels need",
      "--max-memory", leaving: files)
    try fails(
      reconstruct("--out", ct, "--region", "128,0,0,140,9,9"),
      saying: "--region", "-128,-128,-128 to 128,128,128 mm", leaving: files)
    try fails(
      SpiderProgram.run("drr", scene.ct, "--out", scene.path("head.nii.gz/x")),
      saying: "is not a folder", leaving: files)
  }

  /// Numbers in a geometry file that no X-ray has: an error that names the file, nothing written.
  @Test func hostileGeometry() throws {
    try scene.makeRadiographs(.pa, .left)
    let image = scene.folder["side.png"]
    try PNG.writeGrey16((0..<1024).map { UInt16($0 * 60) }, width: 32, height: 32, to: image)
    let text = """
      {"schema": "spider.geometry/1", "beam": "cone", "columns": 32, "rows": 32,
      "gantry_degrees": 270, "sad_mm": 1000, "sid_mm": 1500, "pixel_mm": [14.4, 14.4]}
      """
    func reconstruct(_ geometry: String) throws -> SpiderProgram.Run {
      try Data(geometry.utf8).write(to: scene.folder["side.json"])
      return try SpiderProgram.run(
        "reconstruct", "--view", scene.path("head_pa.nii.gz"), "--view", image.path, "--model",
        scene.model, "--size", "8", "--accept-faults", "--out", scene.path("ct.nii.gz"))
    }
    let files = try scene.folder.names() + ["side.json"]
    for (sound, hostile) in [
      ("1000", "-5"), ("1000", "1e400"), ("1500", "900"), ("[14.4, 14.4]", "[0, 14.4]"),
      ("[14.4, 14.4]", "[14.4]"), ("\"columns\": 32", "\"columns\": 99999999999"),
      ("\"columns\": 32", "\"columns\": 31.5"), ("\"columns\": 32", "\"columns\": 16"),
      ("cone", "fan"), ("270", "1e9"), ("270", "null"),
    ] {
      let changed = text.replacingOccurrences(of: sound, with: hostile)
      #expect(changed != text)
      try fails(reconstruct(changed), saying: "side.json", leaving: files)
    }
    let run = try reconstruct(text)
    #expect(run.status == 0, "\(run.errors)")
  }

  @Test func volumesThatDoNotOverlap() throws {
    let far = try NIfTI.readVolume(scene.folder["head.nii.gz"])
    var grid = far.grid.affine
    grid.translation.x += 1000
    try NIfTI.write(
      .init(
        grid: .init(nx: 32, ny: 32, nz: 32, affine: grid), values: far.values),
      to: scene.folder["far.nii.gz"])
    try fails(
      SpiderProgram.run(
        "evaluate", "--reference", scene.ct, "--candidate", scene.path("far.nii.gz")),
      saying: "far.nii.gz", "does not overlap", leaving: content + ["far.nii.gz"])
  }
}
