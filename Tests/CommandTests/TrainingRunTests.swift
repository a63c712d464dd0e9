import Foundation
import SpiderCore
import SpiderIO
import SpiderTestSupport
import Testing

/// From procedural heads to a trained network that ships, by commands alone.
@Suite struct TrainingRunTests {
  let folder: TemporaryFolder
  init() throws { folder = try TemporaryFolder() }

  private func succeed(_ arguments: String...) throws -> SpiderProgram.Run {
    try succeed(arguments)
  }

  private func succeed(_ arguments: [String]) throws -> SpiderProgram.Run {
    let run = try SpiderProgram.run(arguments + ["--threads", "2"])
    try #require(run.status == 0, "\(arguments): \(run.errors)")
    return run
  }

  private static let configuration = """
    model:
      architecture:
        encoderWidths: [4, 8]
        featuresPerView: 4
        hiddenWidths: [8]
      setup: {columns: 16, rows: 16, pixelSize: [28.8, 28.8]}
    patientsPerStep: 1
    sampling: {count: 64}
    steps: 2
    validationSize: 16
    """

  @Test func fromPhantomsToAModel() throws {
    let heads = folder["heads"].path
    let data = folder["data"].path
    _ = try succeed("phantom", "--seed", "3", "--count", "2", "--size", "24", "--out", heads)
    let ct = folder["heads/phantom-3.nii.gz"].path
    _ = try succeed(
      "prepare", ct, folder["heads/phantom-4.nii.gz"].path, "--labels", heads, "--phantom",
      "--isocenter", "0,0,0", "--size", "24", "--split", "val=phantom-4", "--out", data)
    let file = folder["config.yaml"]
    try Data(Self.configuration.utf8).write(to: file)
    let run = folder["run"].path
    let trained = try succeed(
      "train", "--data", data, "--out", run, "--config", file.path, "--json"
    ).object()
    for name in ["best.safetensors", "last.safetensors", "log.jsonl", "config.yaml"] {
      #expect(FileManager.default.fileExists(atPath: folder["run/\(name)"].path), "\(name)")
    }
    let best = try #require(trained["best"] as? String)
    _ = try succeed(
      "export", best, "--note", "data=phantoms", "--out", folder["h.safetensors"].path)
    let (full, half) = (
      try ModelFile.read(URL(fileURLWithPath: best)), try ModelFile.read(folder["h.safetensors"])
    )
    #expect(
      full.description.setup.columns == 16 && full.description == half.description.without("data"))
    #expect(half.description.training["data"] == "phantoms")

    let again = try SpiderProgram.run(
      "train", "--data", data, "--out", run, "--config", file.path)
    #expect(again.status == 1 && again.errors.contains("--resume"), "\(again.errors)")
  }

  /// A model of any views is trained, scored on other views than its own, and reads one X-ray, three, or oblique ones.
  @Test func aModelOfAnyViews() throws {
    let scene = try Scene()
    let data = try scene.makeDataSet()
    let file = folder["config.yaml"]
    let settings = Self.configuration.replacing(
      "featuresPerView: 4",
      with: "featuresPerView: 4\n    pooling: mean\n    anyViews: {least: 1, most: 3}")
    try Data(settings.utf8).write(to: file)
    let run = folder["run"].path
    _ = try succeed("train", "--data", data, "--out", run, "--config", file.path, "--steps", "5")
    let model = run + "/last.safetensors"
    for views in ["left", "pa,left", "ap,45,right"] {
      let scored = try succeed(
        "evaluate", "--model", model, "--data", data, "--split", "test", "--size", "16",
        "--refine", "0", "--data-views", views, "--json"
      ).object()
      #expect((scored["cases"] as? [Any])?.count == 1, "\(views)")
      #expect((scored["views"] as? [String])?.joined(separator: ",") == views)
    }
    let tooMany = try SpiderProgram.run(
      "evaluate", "--model", model, "--data", data, "--data-views", "pa,left,ap,45")
    #expect(tooMany.status == 1 && tooMany.errors.contains("reads 1 to 3"), "\(tooMany.errors)")
    let named = try SpiderProgram.run(
      "evaluate", "--model", scene.model, "--data", data, "--data-views", "pa")
    #expect(named.status == 1 && named.errors.contains("pa and left"), "\(named.errors)")

    try scene.makeRadiographs(.ap, .gantry(degrees: 45), .right)
    let images = ["head_ap", "head_45", "head_right"].map { scene.path("\($0).nii.gz") }
    for count in 1...3 {
      let made = try succeed(
        ["reconstruct"] + images.prefix(count)
          + [
            "--model", model, "--size", "16", "--accept-faults", "--json", "--out",
            scene.path("\(count).nii.gz"),
          ])
      #expect((try made.object()["views"] as? [Any])?.count == count)
    }
  }

  /// A trained model is taught how far it may be off; from then on reconstructions have a map of it.
  @Test func aModelSaysHowFarItMayBeOff() throws {
    let (heads, data) = (folder["heads"].path, folder["data"].path)
    _ = try succeed("phantom", "--seed", "3", "--count", "2", "--size", "24", "--out", heads)
    let ct = folder["heads/phantom-3.nii.gz"].path
    _ = try succeed(
      "prepare", ct, folder["heads/phantom-4.nii.gz"].path, "--labels", heads, "--phantom",
      "--isocenter", "0,0,0", "--size", "24", "--split", "val=phantom-4", "--out", data)
    let (plain, taught) = (folder["plain.safetensors"], folder["taught.safetensors"])
    try ModelFile.write(Scene.tinyModel(), to: plain)
    let report = try succeed(
      "uncertainty", "--model", plain.path, "--data", data, "--steps", "3", "--size", "16", "--out",
      taught.path, "--json"
    ).object()
    let patients = try #require(report["patients"] as? [[String: Any]])
    #expect(patients.map { $0["id"] as? String } == ["phantom-4"])
    _ = try succeed("export", taught.path, "--out", folder["half.safetensors"].path)
    let model = try ModelFile.read(folder["half.safetensors"])
    #expect(model.uncertainty != nil && model.description.training["uncertainty"] != nil)

    _ = try succeed("drr", ct, "--view", "pa", "--view", "left", "--size", "32", "--out", heads)
    func reconstruct(_ model: URL, _ name: String, _ more: String...) throws -> SpiderProgram.Run {
      try SpiderProgram.run(
        [
          "reconstruct", folder["heads/phantom-3_pa.nii.gz"].path,
          folder["heads/phantom-3_left.nii.gz"].path, "--model", model.path, "--size", "24",
          "--accept-faults", "--out", folder[name].path, "--json",
        ] + more)
    }
    let map = folder["map.nii.gz"]
    let refused = try reconstruct(plain, "a.nii.gz", "--uncertainty", map.path)
    #expect(
      refused.status == 1 && refused.errors.contains("spider uncertainty"), "\(refused.errors)")
    #expect(!FileManager.default.fileExists(atPath: folder["a.nii.gz"].path))
    let record = try reconstruct(taught, "b.nii.gz", "--uncertainty", map.path).object()
    let outputs = try #require(record["outputs"] as? [String: Any])
    #expect(outputs["uncertainty"] as? String == map.path)
    let (ct2, widths) = (try NIfTI.readVolume(folder["b.nii.gz"]), try NIfTI.readVolume(map))
    #expect(widths.grid == ct2.grid && widths.values.allSatisfy { $0 >= 0 })
    #expect(widths.values.contains { $0 > 0 })
    // The map says what it is, and is not taken for a CT or for labels.
    let info = try succeed("info", map.path, "--json").object()
    #expect(info["content"] as? String == "uncertainty" && (info["ct_notes"] as? [String]) == [])
    for arguments in [
      ["evaluate", "--reference", folder["b.nii.gz"].path, "--candidate", map.path],
      ["drr", map.path, "--view", "pa", "--out", heads],
      ["mesh", map.path, "--out", folder["m.stl"].path],
      ["mesh", map.path, "--threshold", "300", "--out", folder["m.stl"].path],
      ["view", map.path, "--out", folder["m.html"].path],
    ] {
      let run = try SpiderProgram.run(arguments)
      #expect(run.status == 1, "\(arguments)")
      #expect(run.errors.contains("how far CT numbers may be off"), "\(run.errors)")
    }
    // The CT is what it is without the map.
    _ = try reconstruct(taught, "c.nii.gz")
    #expect(try NIfTI.readVolume(folder["c.nii.gz"]).values == ct2.values)
  }

  @Test func trainingThatCannotBe() throws {
    let none = try SpiderProgram.run(
      "train", "--data", folder["none"].path, "--out", folder["run"].path)
    #expect(none.status == 1 && none.errors.contains("dataset.json"), "\(none.errors)")
    #expect(try folder.names().isEmpty)
  }

  /// Values that no run can have: an error that names file and setting, and no run begun.
  @Test func hostileConfigurations() throws {
    let (data, file) = (folder["data"].path, folder["config.yaml"])
    _ = try succeed("phantom", "--size", "16", "--out", folder["heads"].path)
    _ = try succeed(
      "prepare", folder["heads/phantom-1.nii.gz"].path, "--phantom", "--isocenter", "0,0,0",
      "--size", "16", "--out", data)
    for (text, word) in [
      ("stepps: 5", "stepps"), ("steps: many", "\"steps\" must be a whole number"),
      ("steps: [", "not YAML: line "),
      ("steps: 5\nlearningRate: {peak: fast}", "\"learningRate.peak\" must be a number"),
      ("steps: 0", "steps is 0"), ("steps: 3\nsteps: 4", "\"steps\" stands there twice"),
      ("just words", "it holds no settings"), ("realShare: .nan", "realShare"),
      ("learningRate: {peak: .inf}", "learningRate.peak"),
      ("patientsPerStep: 99999999999999999999", "must be a whole number"),
      ("sampling: {tissueShare: .nan}", "sampling"), ("model: {fieldOfView: -3}", "field of view"),
    ] {
      try Data(text.utf8).write(to: file)
      let run = try SpiderProgram.run(
        "train", "--data", data, "--out", folder["run"].path, "--config", file.path)
      #expect(run.status == 1, "\(text): \(run.errors)")
      #expect(run.errors.contains("config.yaml") && run.errors.contains(word), "\(run.errors)")
      // It was written by hand, and is not to be copied again.
      #expect(!run.errors.contains("corrupt") && !run.errors.contains("Decod"), "\(run.errors)")
      #expect(!FileManager.default.fileExists(atPath: folder["run"].path), "\(text)")
    }
  }

  /// The spacing is what was asked for, though the field of view is not a multiple of it.
  @Test func spacingOfPhantoms() throws {
    _ = try succeed("phantom", "--spacing", "12", "--out", folder.url.path)
    let grid = try NIfTI.readVolume(folder["phantom-1.nii.gz"]).grid
    #expect(grid.shape == SIMD3(22, 22, 22) && grid.spacing == Vector3(12, 12, 12))
    #expect(length(grid.center) < 1e-4)
  }
}

extension ModelDescription {
  /// The description without a line of its training record.
  fileprivate func without(_ name: String) -> ModelDescription {
    var description = self
    description.training[name] = nil
    return description
  }
}
