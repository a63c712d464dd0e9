import Foundation
import SpiderCore
import SpiderIO
import SpiderTestSupport
import Testing

/// Data sets that were damaged or not finished, met by commands alone.
@Suite struct DataSetCommandTests {
  let folder: TemporaryFolder
  init() throws { folder = try TemporaryFolder() }

  private func succeed(_ arguments: [String]) throws -> SpiderProgram.Run {
    let run = try SpiderProgram.run(arguments + ["--threads", "2"])
    try #require(run.status == 0, "\(arguments): \(run.errors)")
    return run
  }

  /// The command that prepares three phantoms.
  private func preparation(_ more: String...) throws -> [String] {
    let heads = folder["heads"].path
    _ = try succeed([
      "phantom", "--count", "3", "--size", "24", "--out", heads, "--overwrite",
    ])
    return ["prepare"] + (1...3).map { "\(heads)/phantom-\($0).nii.gz" }
      + [
        "--labels", heads, "--phantom", "--isocenter", "0,0,0", "--size", "24", "--out",
        folder["data"].path, "--overwrite",
      ] + more
  }

  /// kill -9 as soon as the first case is in: what is there is whole, and the same command finishes it.
  @Test func aPreparationThatIsKilled() throws {
    let prepare = try preparation()
    let index = folder["data/dataset.json"].path
    try SpiderProgram.kill(prepare) { FileManager.default.fileExists(atPath: index) }
    func cases() throws -> Int {
      let info = try succeed(["info", folder["data"].path, "--json"]).object()
      #expect((info["damaged"] as? [Any])?.isEmpty == true)
      return try #require(info["cases"] as? [Any]).count
    }
    #expect(try (1...3).contains(cases()))
    // Every file is read and compared with its checksum.
    let scored = try SpiderProgram.run(
      "evaluate", "--model", "two-view", "--data", folder["data"].path, "--split", "train",
      "--size", "8", "--skip-damaged", "--json")
    #expect(scored.status == 0 && !scored.errors.contains("leaving out"), "\(scored.errors)")
    _ = try succeed(prepare)
    #expect(try cases() == 3)
    #expect(
      try FileManager.default.contentsOfDirectory(atPath: folder["data"].path).sorted()
        .filter { $0.hasPrefix(".") }.isEmpty)
  }

  /// Two scans of a patient cannot be divided, now or later, and nothing is prepared in vain.
  @Test func severalScansOfAPatient() throws {
    let both = ["--patient", "phantom-1=anna", "--patient", "phantom-2=anna"]
    let prepare = try preparation()
    _ = try succeed(prepare + both)
    let refused = try SpiderProgram.run(
      prepare + ["--patient", "phantom-3=anna", "--split", "test=phantom-3"])
    #expect(refused.status == 1)
    for word in ["dataset.json", "'anna'", "'train'", "'phantom-3'", "one split"] {
      #expect(refused.errors.contains(word), "\(refused.errors)")
    }
    let cases = try #require(
      try succeed(["info", folder["data"].path, "--json"]).object()["cases"] as? [[String: Any]])
    #expect(
      cases.compactMap { $0["patient"] as? String }.sorted() == ["anna", "anna", "phantom-3"])
    let odd = try SpiderProgram.run(prepare + ["--patient", "phantom-9=anna"])
    #expect(odd.status == 64 && odd.errors.contains("'phantom-9'"), "\(odd.errors)")
  }

  @Test func damagedCasesAreRefusedOrLeftOut() throws {
    _ = try succeed(try preparation("--split", "val=phantom-3"))
    let data = folder["data"].path
    let file = folder["data/phantom-2/ct.nii.gz"]
    try Data(contentsOf: file).dropLast(40).write(to: file)
    let run = folder["run"].path
    let train = ["train", "--data", data, "--out", run, "--config", "quick", "--steps", "1"]
    let refused = try SpiderProgram.run(train)
    #expect(refused.status == 1)
    for word in ["phantom-2/ct.nii.gz", "'phantom-2'", "cut short", "--skip-damaged"] {
      #expect(refused.errors.contains(word), "\(refused.errors)")
    }
    #expect(!FileManager.default.fileExists(atPath: run))
    let skipped = try SpiderProgram.run(train + ["--skip-damaged"])
    #expect(skipped.status == 0, "\(skipped.errors)")
    #expect(skipped.errors.contains("leaving out 'phantom-2'"), "\(skipped.errors)")
    // The model says what it saw.
    let best = try ModelFile.read(folder["run/best.safetensors"])
    #expect(best.description.training["cases"] == "1 phantoms")
    let info = try succeed(["info", data])
    #expect(info.output.contains("damaged") && info.output.contains("phantom-2"))
  }
}
