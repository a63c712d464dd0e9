import Foundation
import SpiderCore
import SpiderDataSet
import SpiderIO
import SpiderPhantom
import SpiderTensor
import SpiderTestSupport
import SpiderTraining
import Testing

@Suite struct TrainerTests {
  private func temporaryFolder() -> URL {
    FileManager.default.temporaryDirectory.appendingPathComponent(UUID().uuidString)
  }

  private func patients() -> [TrainingCase] {
    [UInt64(1), 2].map { seed in
      let head = HeadPhantom(seed: seed).render(on: .canonical(size: 24))
      return TrainingCase(id: "phantom-\(seed)", isReal: false, ct: head.ct, labels: head.labels)
    }
  }

  private func configuration() -> TrainingConfiguration {
    var configuration = Preset.quick.configuration
    configuration.model = tinyModel().description
    configuration.sampling.count = 256
    configuration.validationInterval = 3
    configuration.validationSize = 12
    configuration.checkpointInterval = 2
    configuration.logInterval = 1
    return configuration
  }

  private func trainer(
    _ folder: URL, steps: Int, _ balance: LossBalancing = .fixed
  ) throws -> Trainer {
    let patients = patients()
    var configuration = configuration()
    configuration.steps = steps
    configuration.lossBalance = balance
    return try Trainer(
      configuration, training: patients, validation: [patients[1]], folder: RunFolder(folder))
  }

  /// Stopped after four of seven steps and resumed: the same bits as in one go. The schedule looks at
  /// the share of the run that is done, so the first part is a run of seven that dies.
  @Test(arguments: [LossBalancing.fixed, .uncertainty])
  func aResumedRunGivesTheSameBits(_ balance: LossBalancing) throws {
    let (whole, broken) = (temporaryFolder(), temporaryFolder())
    defer { [whole, broken].forEach { try? FileManager.default.removeItem(at: $0) } }
    let expected = try trainer(whole, steps: 7, balance).run(resume: false).state

    // A run that dies between checkpoints, as by kill -9: play it in a copy of the folder taken while
    // it runs.
    let running = temporaryFolder()
    defer { try? FileManager.default.removeItem(at: running) }
    _ = try trainer(running, steps: 7, balance).run(resume: false) { event in
      if case .line(let line) = event, line.step == 5 {
        try? FileManager.default.copyItem(at: running, to: broken)
      }
    }
    let resumed = try trainer(broken, steps: 7, balance).run(resume: true).state
    #expect(resumed.step == 7 && resumed.scalars == expected.scalars)
    #expect(resumed.scalars.count == (balance == .fixed ? 0 : 3))
    #expect(resumed.model.parameters.storage.values == expected.model.parameters.storage.values)
    #expect(resumed.adam.second.storage.values == expected.adam.second.storage.values)
    // Lines of steps that were made again are there once.
    let lines = try String(contentsOf: RunFolder(broken).log, encoding: .utf8).split(
      separator: "\n")
    #expect(lines.count == 7)
  }

  @Test func aRunLeavesItsFiles() throws {
    let folder = temporaryFolder()
    defer { try? FileManager.default.removeItem(at: folder) }
    let state = try trainer(folder, steps: 3).run(resume: false).state
    let files = RunFolder(folder)
    for file in [files.best, files.last, files.checkpoint, files.log, files.configuration] {
      #expect(FileManager.default.fileExists(atPath: file.path), "\(file.lastPathComponent)")
    }
    let last = try ModelFile.read(files.last)
    #expect(last.parameters.storage.values == state.model.parameters.storage.values)
    #expect(last.description.training["steps"] == "3")
    var expected = configuration()
    expected.steps = 3
    expected.lossBalance = .fixed
    #expect(try TrainingConfiguration.read(files.configuration) == expected)
    let line = try #require(
      try String(contentsOf: files.log, encoding: .utf8).split(separator: "\n").last)
    let object = try #require(
      try JSONSerialization.jsonObject(with: Data(line.utf8)) as? [String: Any])
    for key in ["step", "samples", "seconds", "loss", "weights", "learning_rate", "validation"] {
      #expect(object[key] != nil, "no key \(key)")
    }
    // A second run does not run over the first, nor over any file of the same name.
    #expect(throws: TrainingError.self) { try trainer(folder, steps: 3).run(resume: false) }
    for file in [files.best, files.last, files.checkpoint, files.log] {
      try FileManager.default.removeItem(at: file)
    }
    #expect(throws: TrainingError.runExists(files.configuration)) {
      try trainer(folder, steps: 3).run(resume: false)
    }
  }

  @Test func anotherRunsCheckpointIsRefused() throws {
    let folder = temporaryFolder()
    defer { try? FileManager.default.removeItem(at: folder) }
    let state = try trainer(folder, steps: 1).run(resume: false).state
    // Another configuration, or other patients.
    let run = RunFolder(folder)
    var other = configuration()
    other.steps = 2
    other.lossBalance = .fixed
    other.loss.dice = 9
    #expect(throws: TrainingError.otherRun(run.checkpoint, what: "configuration")) {
      try Trainer(other, training: patients(), validation: [], folder: run).run(resume: true)
    }
    other.loss = configuration().loss
    #expect(throws: TrainingError.otherRun(run.checkpoint, what: "data set")) {
      try Trainer(other, training: [patients()[0]], validation: [], folder: run).run(resume: true)
    }
    // A damaged one too, by name.
    let bytes = try Data(contentsOf: run.checkpoint)
    try bytes.prefix(bytes.count / 2).write(to: run.checkpoint)
    #expect(throws: FileError.self) {
      try Trainer(other, training: patients(), validation: [], folder: run).run(resume: true)
    }
    #expect(state.step == 1)
  }

  @Test func aLossThatIsNotANumberStopsTheRun() throws {
    let folder = temporaryFolder()
    defer { try? FileManager.default.removeItem(at: folder) }
    var state = TrainingState(configuration())
    let engine = StepEngine(
      state.model.network, configuration().batchShapes(), loss: LossWeights(), gradientLimit: 1)
    var batch = try BatchMaker(patients(), configuration()).batch(step: 0)
    batch.intensity = Tensor(batch.intensity.shape, repeating: .nan)
    let before = state.model.parameters.storage.values
    #expect(
      throws: TrainingError.diverged(
        Divergence(step: 1, terms: ["intensity"], patients: batch.names))
    ) {
      try engine.step(&state, batch, learningRate: 1e-3)
    }
    #expect(state.model.parameters.storage.values == before && state.step == 0)
  }

  /// Every preset is a network that learns: a few steps on one patient lower its loss.
  @Test(arguments: Preset.allCases) func everyPresetLearns(_ preset: Preset) throws {
    var configuration = preset.configuration
    configuration.patientsPerStep = 1
    configuration.sampling.count = 512
    configuration.augmentation = .none
    configuration.model.setup = ViewSetup(pixelSize: SIMD2(14.4, 14.4), columns: 32, rows: 32)
    #expect(configuration.fault == nil)
    var state = TrainingState(configuration)
    let engine = StepEngine(
      state.model.network, configuration.batchShapes(), loss: configuration.loss, gradientLimit: 1)
    let batches = BatchMaker([patients()[0]], configuration)
    let losses = try (0..<8).map { step in
      try engine.step(&state, batches.batch(step: step), learningRate: 1e-3).loss.total
    }
    #expect(losses[7] < 0.9 * losses[0], "\(losses)")
  }

  @Test func thePaperPresetIsWhatIsKnownOfThePaper() {
    let model = Preset.paper.configuration.model
    #expect(
      model.architecture.encoderWidths.count == 4 && model.architecture.pooling == .concatenate)
    guard case .hash(let levels, let features, _, _, _) = model.architecture.code else {
      Issue.record("the code is \(model.architecture.code)")
      return
    }
    #expect(levels == 11 && features == 8)
    let weights = Preset.paper.configuration.loss
    #expect([weights.intensity, weights.crossEntropy, weights.dice] == [1, 1, 1])
  }

  /// Values that would stop the process or spoil the numbers later are refused before the run.
  @Test func hostileSettingsAreRefused() throws {
    let changes: [(String, (inout TrainingConfiguration) -> Void)] = [
      ("scale", { $0.augmentation.scale = .nan }), ("noise", { $0.augmentation.noise = -1 }),
      ("beta1", { $0.adam.beta1 = 1 }), ("epsilon", { $0.adam.epsilon = 0 }),
      ("loss", { $0.loss.dice = -.infinity }), ("peak", { $0.learningRate.peak = .nan }),
      ("finalShare", { $0.learningRate.finalShare = 2 }), ("minutes", { $0.minutes = .infinity }),
      ("realShare", { $0.realShare = 1.5 }), ("points", { $0.sampling.count = 1 << 40 }),
      ("steps", { $0.steps = 0 }), ("limit", { $0.gradientLimit = 0 }),
    ]
    #expect(configuration().fault == nil)
    for (name, change) in changes {
      var bad = configuration()
      change(&bad)
      #expect(bad.fault != nil, "\(name)")
    }
  }

  @Test func aDataSetOfAnotherFrameIsRefused() {
    var index = DataSetIndex(size: 32, fieldOfView: 200)
    #expect(configuration().contradiction(with: index) != nil)
    index.geometry.sourceToDetector = 2000
    let adopted = configuration().adopting(index)
    #expect(adopted.contradiction(with: index) == nil && adopted.fault == nil)
    // The detector still covers the same share of the field of view.
    let share = { (c: TrainingConfiguration) in
      c.model.setup.pixelSize.x * Double(c.model.setup.columns) * c.model.setup.sourceToAxis
        / c.model.setup.sourceToDetector / c.model.fieldOfView
    }
    expectClose(share(adopted), share(configuration()), atol: 1e-9)
  }

  @Test func misspeltSettingsAreRefused() throws {
    let file = temporaryFolder()
    defer { try? FileManager.default.removeItem(at: file) }
    try "learningRate:\n  peek: 0.1\n".write(to: file, atomically: true, encoding: .utf8)
    let known = "finalShare, peak, warmupSteps"
    #expect(
      throws: FileError.badValue(
        file, key: "learningRate.peek", fault: "is no setting; those of this group are: \(known)")
    ) {
      try TrainingConfiguration.read(file)
    }
    try "learningRate:\n  peak: 0.1\nseed: 7\n".write(to: file, atomically: true, encoding: .utf8)
    let read = try TrainingConfiguration.read(file)
    #expect(read.learningRate.peak == 0.1 && read.seed == 7 && read.steps == 2000)
  }
}
