import Foundation
import SpiderCore
import SpiderIO
import Testing

/// Methods side by side, by command: the keys of the contract, what is kept, what is refused.
@Suite struct CompareCommandTests {
  let scene: Scene
  init() throws { scene = try Scene() }

  private func compare(_ arguments: String...) throws -> SpiderProgram.Run {
    try SpiderProgram.run(["compare", "--size", "16"] + arguments)
  }

  @Test func keysAndFiles() throws {
    let data = try scene.makeDataSet()
    let out = scene.path("out")
    let arguments = [
      "compare", "--size", "16", "--data", data, "--model", "mine=\(scene.model)", "--robustness",
      "--out", out, "--json",
    ]
    let run = try SpiderProgram.run(arguments)
    try #require(run.status == 0, "\(run.errors)")
    let object = try run.object()
    let models = try #require(object["models"] as? [[String: Any]])
    #expect(
      models.compactMap { $0["name"] as? String }
        == ["mine", "mean-volume", "two-view", "nearest-case"])
    for model in models {
      let evaluate = try #require(model["evaluate"] as? [String: Any])
      #expect((evaluate["cases"] as? [[String: Any]])?.count == 1)
      #expect(evaluate["mean"] is [String: Any] && evaluate["convention"] is String)
      #expect(model["seconds"] is Double && (model["peak_memory_bytes"] as? Int ?? 0) > 1_000_000)
      for key in ["fair_rival", "late_gain_db", "learning_curve", "real"] {
        #expect(model[key] != nil, "no key \(key)")
      }
    }
    // Of four methods six pairs, on the one kind of patients there is; eight kinds of trouble.
    let differences = try #require(object["differences"] as? [[String: Any]])
    #expect(differences.count == 6)
    let first = try #require(differences[0]["metrics"] as? [String: [String: Any]])
    func psnr(_ index: Int) throws -> Double {
      let evaluate = try #require(models[index]["evaluate"] as? [String: Any])
      let cases = try #require(evaluate["cases"] as? [[String: Any]])
      return try #require(cases[0]["psnr_db"] as? Double)
    }
    let difference = try #require(first["psnr_db"]?["value"] as? Double)
    #expect(abs(difference - (try psnr(0) - psnr(1))) < 1e-9)
    let robustness = try #require(object["robustness"] as? [[String: Any]])
    #expect(robustness.count == 7)
    // The mean volume does not look at X-rays.
    for entry in robustness {
      let scores = try #require(entry["models"] as? [[String: Any]])
      let evaluate = try #require(scores[1]["evaluate"] as? [String: Any])
      let cases = try #require(evaluate["cases"] as? [[String: Any]])
      #expect(cases[0]["psnr_db"] as? Double == (try psnr(1)))
    }
    let page = try String(contentsOf: scene.folder["out/comparison.html"], encoding: .utf8)
    #expect(page.contains("nearest-case") && page.contains("data:image/png"))
    let text = try String(contentsOf: scene.folder["out/comparison.md"], encoding: .utf8)
    #expect(text.contains("| mean-volume |") && text.contains("Differences in pairs"))

    // Nothing is overwritten unasked, and then nothing is worked out again.
    let again = try SpiderProgram.run(arguments)
    #expect(again.status == 1 && again.errors.contains("comparison."), "\(again.errors)")
    let part = scene.folder["out/parts/mine, as stated.json"]
    let before = try Data(contentsOf: part)
    let resumed = try SpiderProgram.run(arguments + ["--overwrite"])
    #expect(resumed.status == 0 && resumed.output == run.output)
    #expect(try Data(contentsOf: part) == before)
    // Another model under the same name is another method.
    try ModelFile.write(
      SpiderModel(Scene.tinyModel().description, seed: 6), to: scene.folder["model.safetensors"],
      overwrite: true)
    let other = try compare(
      "--data", data, "--model", "mine=\(scene.model)", "--out", out, "--json", "--overwrite")
    try #require(other.status == 0, "\(other.errors)")
    #expect(try Data(contentsOf: part) != before)
  }

  /// The pictures of a page.
  private func pictures(_ file: String) throws -> [Substring] {
    let page = try String(contentsOf: scene.folder[file], encoding: .utf8)
    return page.split(separator: "data:image/png;base64,").dropFirst().map {
      $0.prefix { $0 != "\"" }
    }
  }

  @Test func picturesAreOfTheModelThatIsCompared() throws {
    let data = try scene.makeDataSet()
    func show(_ seed: UInt64, _ out: String, _ count: Int) throws {
      try ModelFile.write(
        SpiderModel(Scene.tinyModel().description, seed: seed),
        to: scene.folder["model.safetensors"], overwrite: true)
      let run = try compare(
        "--data", data, "--model", "mine=\(scene.model)", "--out", scene.path(out), "--pictures",
        "\(count)", "--overwrite")
      try #require(run.status == 0, "\(run.errors)")
    }
    try show(6, "out", 1)
    let former = try pictures("out/comparison.html")
    // Scored without pictures, then shown: not by what the other model left.
    try show(7, "out", 0)
    #expect(try pictures("out/comparison.html").isEmpty)
    try show(7, "out", 1)
    let shown = try pictures("out/comparison.html")
    try show(7, "fresh", 1)
    #expect(!shown.isEmpty && shown != former)
    #expect(try shown == pictures("fresh/comparison.html"))
  }

  @Test func whatCannotBeCompared() throws {
    let data = try scene.makeDataSet()
    let twice = try compare("--data", data, "--model", scene.model, "--model", scene.model)
    #expect(twice.status == 1 && twice.errors.contains("called 'model'"), "\(twice.errors)")
    let taken = try compare("--data", data, "--model", "two-view=\(scene.model)")
    #expect(taken.status == 1 && taken.errors.contains("two-view"), "\(taken.errors)")
    let none = try compare("--data", data, "--split", "val")
    #expect(none.status == 1 && none.errors.contains("'val'"), "\(none.errors)")
    let damaged = try compare("--data", data, "--model", scene.ct)
    #expect(damaged.status == 1 && damaged.errors.contains("head.nii.gz"), "\(damaged.errors)")
  }
}
