import Foundation
import SpiderIO
import SpiderPretrained
import SpiderTestSupport
import Testing

/// What the program tells of itself, and of words that it does not know.
@Suite struct DoctorTests {
  @Test func theDoctorFindsLibrariesWeightsAndSpeed() throws {
    let run = try SpiderProgram.run("doctor", "--json", "--threads", "1")
    #expect(run.status == 0, "\(run.errors)")
    let object = try run.object()
    #expect(object["version"] as? String == SpiderRelease.version && object["threads"] as? Int == 1)
    #expect((object["gigaflops_one_thread"] as? Double ?? 0) > 0)
    #expect((object["expected_seconds_128"] as? Double ?? 0) > 0)
    #expect((object["blas_kernels"] as? String)?.isEmpty == false)
    let libraries = try #require(object["libraries"] as? [[String: Any]])
    for name in ["zlib", "libpng", "libjpeg", "libtiff", "GDCM"] {
      let version = libraries.first { $0["name"] as? String == name }?["version"] as? String
      #expect(version?.contains(".") == true, "\(name): \(version ?? "none")")
    }
    let weights = try #require(object["weights"] as? [[String: Any]])
    #expect(weights.map { $0["name"] as? String } == PretrainedModel.allCases.map(\.rawValue))
    for (weights, model) in zip(weights, PretrainedModel.allCases) {
      #expect(weights["sha256"] as? String == (try SHA256.digest(of: model.url)))
      #expect(weights["fault"] is NSNull)
    }
  }

  @Test func theVersionComesWithCommitAndWeights() throws {
    let run = try SpiderProgram.run("--version")
    let lines = run.output.split(separator: "\n")
    #expect(run.status == 0 && lines.first.map(String.init) == SpiderRelease.version)
    #expect(lines[1].hasPrefix("commit: "))
    let digest = try SHA256.digest(of: PretrainedModel.head.url)
    #expect(lines.contains("head: sha256 \(digest)"))
  }

  @Test func theReleaseIsTheSameWhereverItIsWritten() throws {
    let root = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
      .deletingLastPathComponent().deletingLastPathComponent()
    for (file, line) in [
      ("CITATION.cff", "\nversion: \(SpiderRelease.version)\n"),
      ("CHANGELOG.md", "\n## [\(SpiderRelease.version)]"),
    ] {
      let text = try String(contentsOf: root.appendingPathComponent(file), encoding: .utf8)
      #expect(text.contains(line), "\(file)")
    }
  }

  @Test(
    arguments: [
      ("recontruct", "did you mean 'reconstruct'?"), ("Demo", "did you mean 'demo'?"),
      ("tarin", "did you mean 'train'?"), ("wash", "'wash' is no command\n"),
      ("ct.nii.gz", "'ct.nii.gz' is no command\n"),
    ]) func aMisspeltCommandIsNamed(word: String, says: String) throws
  {
    let run = try SpiderProgram.run(word, "--out", "x")
    #expect(run.status == 64 && run.errors.contains(says), "\(run.errors)")
  }

  /// What is missing does not hide what is misspelt.
  @Test(
    arguments: [
      (["demo", "--ot", "x"], "'--ot' is no option of spider demo; did you mean '--out'?"),
      (["reconstruct", "--veiw=a.png"], "did you mean '--view'?"),
      (["train", "--data", "d", "--out", "r", "--resum"], "--resume"),
    ]) func aMisspeltOptionIsNamed(arguments: [String], says: String) throws
  {
    let run = try SpiderProgram.run(arguments)
    #expect(run.status == 64 && run.errors.contains(says), "\(run.errors)")
  }

  /// Whatever the option: what looks like a number behind its name is its value.
  @Test(
    arguments: [
      (["drr", "none.nii", "--isocenter", "-1,2,3"], "no such file"),
      (["drr", "none.nii", "--view", "-30", "--tilt", "-5"], "no such file"),
      (["drr", "none.nii", "--offset", "-1.5,2"], "no such file"),
      (["drr", "none.nii", "--threads", "-2"], "--threads is -2"),
      (["drr", "none.nii", "--sad", "-.5"], "--sad is -0.5"),
      (["reconstruct", "a.png", "--out", "a.nii", "--spacing", "-1"], "--spacing is -1"),
      (["drr", "--", "-5"], "-5"),
    ]) func numbersBelowZeroAreValues(arguments: [String], says: String) throws
  {
    let run = try SpiderProgram.run(arguments)
    #expect(run.status != 0 && run.errors.contains(says), "\(run.errors)")
  }

  @Test func aRunTellsHowFarItIsAndWhatIsDamaged() throws {
    let scene = try Scene()
    let data = scene.path("data")
    let prepared = try SpiderProgram.run(
      "prepare", scene.ct, "--labels", scene.folder.url.path, "--size", "32", "--isocenter",
      "volume",
      "--phantom", "--split", "train=head", "--out", data)
    try #require(prepared.status == 0, "\(prepared.errors)")
    let config = try scene.folder.file(
      "small.yaml",
      Array(
        """
        model:
          architecture: {encoderWidths: [4, 8], featuresPerView: 4, hiddenWidths: [8]}
          setup: {columns: 16, rows: 16, pixelSize: [28.8, 28.8]}
        patientsPerStep: 1
        sampling: {count: 64}
        """.utf8))
    let trained = try SpiderProgram.run(
      "train", "--data", data, "--config", config.path, "--steps", "2", "--out", scene.path("run"))
    try #require(trained.status == 0, "\(trained.errors)")
    let info = try SpiderProgram.run("info", scene.path("run"), "--json")
    let object = try info.object()
    #expect(info.status == 0 && object["kind"] as? String == "run")
    #expect(object["network"] as? String == "spider" && object["step"] as? Int == 2)
    #expect(object["planned_steps"] as? Int == 2 && object["best_score"] is NSNull)
    #expect(object["running"] as? Bool == false && object["whole"] as? Bool == true)
    // A byte in the middle of the last model.
    let last = scene.folder["run/last.safetensors"]
    var bytes = try Data(contentsOf: last)
    bytes[bytes.count - 9] ^= 1
    try bytes.write(to: last)
    let damaged = try SpiderProgram.run("info", scene.path("run"))
    #expect(damaged.output.contains("is not whole") && damaged.output.contains("checksum"))
  }
}
