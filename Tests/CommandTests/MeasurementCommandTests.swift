import Foundation
import SpiderCore
import SpiderIO
import SpiderTestSupport
import Testing

/// Measurements from the calibration to the page, by commands alone.
@Suite struct MeasurementCommandTests {
  let scene: Scene
  init() throws { scene = try Scene() }

  private func succeed(_ arguments: [String]) throws -> SpiderProgram.Run {
    let run = try SpiderProgram.run(arguments + ["--threads", "2"])
    try #require(run.status == 0, "\(arguments): \(run.errors)")
    return run
  }

  /// A model that answers with one class everywhere where it is asked, and knows what that is worth.
  private func makeModel(_ label: UInt8) throws {
    var model = Scene.tinyModel()
    model.measurements = MeasurementIntervals(
      widths: [
        .airCavities: .init(halfWidth: log(2), patients: 9),
        .skull: .init(halfWidth: log(2), patients: 9),
      ], radiographs: 2)
    for parameter in model.network.layout.parameters
    where parameter.name == "decoder.structure.bias" {
      model.parameters.set(parameter, (0..<7).map { $0 == label ? 100 : 0 })
    }
    try ModelFile.write(model, to: URL(fileURLWithPath: scene.model), overwrite: true)
  }

  private func reconstruct(_ options: String...) throws -> SpiderProgram.Run {
    try succeed(
      [
        "reconstruct", scene.path("head_pa.nii.gz"), scene.path("head_left.nii.gz"), "--model",
        scene.model, "--accept-faults", "--overwrite", "--out", scene.path("ct.nii.gz"),
      ] + options)
  }

  @Test func recordsHaveFiguresAndSayWhyThereIsNoInterval() throws {
    try scene.makeRadiographs(.pa, .left)
    try makeModel(HeadLabel.airCavities)
    let record = try reconstruct(
      "--size", "24", "--json", "--record", scene.path("record.json"), "--report",
      scene.path("page.html")
    ).object()
    let figures = try #require(record["measurements"] as? [String: [String: Any]])
    #expect(
      Set(figures.keys) == [
        "skull", "mandible", "intracranial", "cervical_spine", "air_cavities", "soft_tissue",
        "bone",
        "intercondylar_distance",
      ])
    for figure in figures.values {
      #expect(Set(figure.keys) == ["value", "unit", "low", "high", "note"])
    }
    #expect(figures["air_cavities"]?["unit"] as? String == "mL")
    #expect(figures["intercondylar_distance"]?["unit"] as? String == "mm")
    let air = try #require(figures["air_cavities"])
    let value = try #require(air["value"] as? Double)
    // Neither these X-rays nor voxels of 10 mm are those of a calibration.
    #expect(air["low"] is NSNull && air["high"] is NSNull)
    #expect((air["note"] as? String)?.contains("no interval") == true, "\(air)")
    for name in ["skull", "intercondylar_distance"] {
      let figure = try #require(figures[name])
      #expect(figure["value"] is NSNull && figure["low"] is NSNull && figure["high"] is NSNull)
      #expect((figure["note"] as? String)?.contains("found") == true, "\(figure)")
    }

    let stored = try JSONSerialization.jsonObject(
      with: Data(contentsOf: scene.folder["record.json"]))
    let again = try #require(
      (stored as? [String: Any])?["measurements"] as? [String: [String: Any]])
    #expect(again["air_cavities"]?["value"] as? Double == value)
    let page = try String(contentsOf: scene.folder["page.html"], encoding: .utf8)
    #expect(page.contains("Measurements (90 % intervals)") && page.contains("intercondylar"))

    let words = try reconstruct("--size", "24").output
    #expect(
      words.contains("air cavities \(value < 100 ? "" : "\(Int(value.rounded()))") mL ("),
      "\(words)")
    #expect(words.contains("intercondylar distance: no two whole condyles"), "\(words)")
  }

  /// The shipped models, on a head of the size that they were calibrated with, and on others.
  @Test func intervalsAreGivenWhereTheCalibrationHolds() throws {
    let folder = scene.folder.url.path
    _ = try succeed(["phantom", "--seed", "5", "--size", "64", "--out", folder, "--overwrite"])
    let views = ["pa", "left", "ap"]
    _ = try succeed(
      ["drr", scene.path("phantom-5.nii.gz"), "--isocenter", "0,0,0", "--out", folder]
        + views.flatMap { ["--view", $0] })
    func skull(_ views: [String], _ options: String...) throws -> [String: Any] {
      let run = try succeed(
        ["reconstruct"] + views.map { scene.path("phantom-5_\($0).nii.gz") } + [
          "--out", scene.path("a.nii.gz"), "--overwrite", "--accept-faults", "--json",
        ] + options)
      let figures = try run.object()["measurements"] as? [String: [String: Any]]
      return try #require(figures?["skull"])
    }
    let good = try skull(["pa", "left"], "--size", "96")
    let value = try #require(good["value"] as? Double)
    #expect(try #require(good["low"] as? Double) < value)
    #expect(try #require(good["high"] as? Double) > value)
    #expect(good["note"] is NSNull)
    func expectNone(_ figure: [String: Any], _ words: String) {
      #expect(figure["low"] is NSNull && figure["high"] is NSNull)
      #expect((figure["note"] as? String)?.contains(words) == true, "\(figure)")
    }
    expectNone(try skull(["pa", "left"], "--size", "64"), "more than 3 mm")
    // Two X-rays, but not the two it was calibrated with.
    expectNone(
      try skull(["pa", "ap"], "--size", "96", "--model", "head-any"), "calibrated with pa and left")
    // A lateral picture that calls itself the frontal one.
    let wrong = "pa=\(scene.path("phantom-5_left.png")):\(scene.path("phantom-5_pa.json"))"
    let run = try succeed([
      "reconstruct", "--view", wrong, "--view", "left=\(scene.path("phantom-5_left.png"))", "--out",
      scene.path("b.nii.gz"), "--accept-faults", "--json", "--size", "96",
    ])
    let figures = try run.object()["measurements"] as? [String: [String: Any]]
    expectNone(try #require(figures?["skull"]), "wrong with the X-rays")
  }

  @Test func ofARegionThereAreNoteAndNoInterval() throws {
    try scene.makeRadiographs(.pa, .left)
    try makeModel(HeadLabel.skull)
    let record = try reconstruct("--region", "-32,-32,-32,32,32,32", "--spacing", "8", "--json")
      .object()
    let skull = try #require((record["measurements"] as? [String: [String: Any]])?["skull"])
    #expect((skull["value"] as? Double ?? 0) > 0)
    #expect(skull["low"] is NSNull && skull["high"] is NSNull)
    #expect((skull["note"] as? String)?.contains("beyond the voxels") == true, "\(skull)")
  }

  /// The map stays as it is to the bit, the data set needs no training cases, and a copy keeps the intervals.
  @Test func measurementsAreCalibratedAlone() throws {
    var model = Scene.tinyModel()
    model.uncertainty = UncertaintyHead(weights: randomValues(16, seed: 9), bias: -3, factor: 1.5)
    model.description.training["uncertainty"] = "as it was"
    let file = URL(fileURLWithPath: scene.model)
    try ModelFile.write(model, to: file, overwrite: true)
    _ = try succeed([
      "prepare", scene.ct, "--labels", scene.folder.url.path, "--phantom", "--isocenter", "0,0,0",
      "--size", "24", "--split", "val=head", "--out", scene.path("val"),
    ])
    let command = [
      "uncertainty", "--model", scene.model, "--data", scene.path("val"), "--out",
      scene.path("new.safetensors"), "--overwrite",
    ]
    let refused = try SpiderProgram.run(command)
    #expect(refused.status == 1 && refused.errors.contains("train"), "\(refused.errors)")
    let report = try succeed(command + ["--measurements-only", "--measured-size", "24", "--json"])
      .object()
    #expect(report["factor"] is NSNull && report["patients"] is NSNull)
    let measurements = try #require(report["measurements"] as? [String: Any])
    let rows = try #require(measurements["figures"] as? [[String: Any]])
    // One patient is too few.
    #expect(rows.count == 8 && rows.allSatisfy { $0["half_width"] is NSNull })

    let (old, new) = (
      try SafetensorsFile.read(file), try SafetensorsFile.read(scene.folder["new.safetensors"])
    )
    #expect(old.tensors == new.tensors)
    #expect(old.metadata["spider.description"] == new.metadata["spider.description"])
    #expect(Set(new.metadata.keys).subtracting(old.metadata.keys) == ["spider.measurements"])

    _ = try succeed([
      "export", scene.path("new.safetensors"), "--out", scene.path("half.safetensors"),
    ])
    let half = try ModelFile.read(scene.folder["half.safetensors"])
    #expect(half.measurements != nil)
    #expect(half.measurements == (try ModelFile.read(scene.folder["new.safetensors"])).measurements)
  }
}
