import Foundation
import SpiderBaselines
import SpiderCore
import SpiderIO
import SpiderTestSupport
import Testing

/// Published networks by commands alone: from a data set to a model file, to a volume, to its figures.
@Suite struct BaselineCommandTests {
  let scene: Scene
  init() throws { scene = try Scene() }

  private static let configurations = [
    "x2ct-gan": """
    model:
      architecture:
        x2ct-gan:
          generator: {input_size: 64, encoder_block_list: [1, 1, 1, 1, 1], encoder_first: 4,
            growth_rate: 2, decoder_channel_list: [2, 2, 2, 4, 4, 4]}
          discriminator: {ndf: 2}
      setup: {columns: 64, rows: 64, pixelSize: [6, 6]}
    patientsPerStep: 1
    steps: 1
    validationSize: 16
    """,
    "perx2ct": """
    model:
      architecture: {perx2ct: {ch: 32, encoder_ch: 4, input_size: 32, camera: true-geometry}}
      setup: {columns: 32, rows: 32, pixelSize: [13.8, 13.8]}
    patientsPerStep: 2
    steps: 1
    validationSize: 16
    """,
  ]

  private func succeed(_ arguments: String...) throws -> SpiderProgram.Run {
    let run = try SpiderProgram.run(arguments + ["--threads", "2"])
    try #require(run.status == 0, "\(arguments): \(run.errors)")
    return run
  }

  @Test(.slow, arguments: ["x2ct-gan", "perx2ct"])
  func fromDataToFigures(_ name: String) throws {
    let data = try scene.makeDataSet()
    let file = scene.folder["config.yaml"]
    try Data((Self.configurations[name] ?? "").utf8).write(to: file)
    let run = scene.path("run")
    _ = try succeed(
      "train", "--model", name, "--data", data, "--out", run, "--config", file.path)
    let model = scene.path("run/best.safetensors")

    let facts = try succeed("info", model, "--json").object()
    #expect(facts["kind"] as? String == "model")
    #expect((facts["network"] as? String)?.contains(name == "perx2ct" ? "PerX2CT" : "X2CT") == true)

    try scene.makeRadiographs(.pa, .left)
    let out = scene.path("out.nii.gz")
    let record = try succeed(
      "reconstruct", "--view", scene.path("head_pa.nii.gz"), "--view",
      scene.path("head_left.nii.gz"), "--model", model, "--size", "20", "--out", out, "--labels",
      scene.path("labels.nii.gz"), "--report", scene.path("report.html"), "--json"
    ).object()
    #expect(record["points"] as? Int == 8000)
    #expect((record["warnings"] as? [String])?.contains { $0.contains("labeller") } == true)
    let ct = try NIfTI.readVolume(URL(fileURLWithPath: out))
    #expect(ct.grid.shape == SIMD3(20, 20, 20) && ct.grid.orientation == .ras)
    #expect(try NIfTI.readLabels(scene.folder["labels.nii.gz"]).grid == ct.grid)

    let figures = try succeed(
      "evaluate", "--model", model, "--data", data, "--size", "16", "--json"
    ).object()
    let cases = try #require(figures["cases"] as? [[String: Any]])
    #expect(cases.count == 1 && cases[0]["psnr_db"] is Double)

    // Only with the network it was begun with.
    let other = try SpiderProgram.run(
      "train", "--model", name == "perx2ct" ? "x2ct-gan" : "perx2ct", "--data", data, "--out", run,
      "--resume")
    #expect(other.status == 1 && other.errors.contains("--model"), "\(other.errors)")
    // Its labels are the automatic labeller's.
    _ = try succeed("demo", "--model", model, "--out", scene.path("demo"), "--size", "16")
    #expect(
      try NIfTI.readLabels(scene.folder["demo/labels.nii.gz"]).grid.shape == SIMD3(16, 16, 16))
  }

  @Test func presetsOfOtherNetworksAreRefused() throws {
    let data = try scene.makeDataSet()
    let run = try SpiderProgram.run(
      "train", "--model", "perx2ct", "--data", data, "--out", scene.path("run"), "--config",
      "x2ct-gan-small")
    #expect(run.status == 1 && run.errors.contains("--model says 'perx2ct'"), "\(run.errors)")
  }

  /// A file without an architecture is read as one of the network that was named, and of SPIDER else.
  @Test func fewSettingsAreOfTheNamedNetwork() throws {
    let data = try scene.makeDataSet()
    let file = scene.folder["few.yaml"]
    try "slicesPerPatient: 0\n".write(to: file, atomically: true, encoding: .utf8)
    func errors(_ model: String...) throws -> String {
      let run = try SpiderProgram.run(
        ["train"] + model + [
          "--data", data, "--out", scene.path("run"), "--config", file.path, "--steps", "1",
        ])
      #expect(run.status == 1)
      return run.errors
    }
    let published = try errors("--model", "perx2ct")
    #expect(published.contains("slices") && !published.contains("is no setting"), "\(published)")
    let spider = try errors()
    #expect(spider.contains("is no setting"), "\(spider)")
  }

  /// The nearest case of the only patient there is, is that patient.
  @Test(.slow) func nearestCaseIsFound() throws {
    let data = try scene.makeDataSet()
    let figures = try succeed(
      "evaluate", "--model", "nearest-case", "--data", data, "--size", "24", "--json"
    ).object()
    let cases = try #require(figures["cases"] as? [[String: Any]])
    #expect((cases[0]["psnr_db"] as? Double ?? 0) > 50, "\(cases)")
  }
}
