import Foundation
import SpiderBaselines
import SpiderCore
import SpiderEvaluation
import SpiderIO
import SpiderPhantom
import SpiderTensor
import SpiderTraining
import SpiderTestSupport
import Testing

/// Published networks in the same training run as SPIDER: files, resuming, what is refused.
@Suite struct BaselineTrainingTests {
  private static let patients: [TrainingCase] = [UInt64(1), 2].map { seed in
    let head = HeadPhantom(seed: seed).render(on: .canonical(size: 24))
    return TrainingCase(id: "phantom-\(seed)", isReal: false, ct: head.ct, labels: head.labels)
  }

  private func temporaryFolder() -> URL {
    FileManager.default.temporaryDirectory.appendingPathComponent(UUID().uuidString)
  }

  /// The smallest networks there are, a few steps.
  private func configuration(_ network: TrainableNetwork, steps: Int) -> BaselineConfiguration {
    let preset: BaselinePreset = network == .x2ctGAN ? .x2ctGANSmall : .perX2CTSmall
    var c = preset.configuration
    switch c.model.architecture {
    case .x2ctGAN(var architecture):
      architecture.generator.encoderBlocks = [1, 1, 1, 1, 1]
      architecture.generator.encoderFirst = 4
      architecture.generator.growthRate = 2
      architecture.generator.decoderChannels = [2, 2, 2, 4, 4, 4]
      architecture.discriminator.width = 2
      c.model.architecture = .x2ctGAN(architecture)
    case .perX2CT(var network):
      network.size = 32
      network.encoderWidth = 4
      c.model.architecture = .perX2CT(network)
    }
    c.model.setup = c.model.fittingDetector(sourceToAxis: 1000, sourceToDetector: 1500)
    c.patientsPerStep = network == .x2ctGAN ? 1 : 2
    c.slicesPerPatient = 1
    c.steps = steps
    c.validationInterval = 2
    c.validationSize = 16
    c.checkpointInterval = 2
    c.logInterval = 1
    return c
  }

  /// A run that dies between checkpoints, as by kill -9, and is resumed in a copy of its folder taken
  /// while it ran: the same bits as in one go, of every network and optimizer of the run.
  private func resumes<Recipe: TrainingRecipe>(
    _ recipe: Recipe, sourceLocation: SourceLocation = #_sourceLocation
  ) throws {
    let (whole, broken) = (temporaryFolder(), temporaryFolder())
    defer { [whole, broken].forEach { try? FileManager.default.removeItem(at: $0) } }
    let validation = CaseLibrary([Self.patients[1]])
    let expected = try TrainingRun(recipe, validation: validation, folder: RunFolder(whole)).run(
      resume: false,
      report: { event in
        if case .line(let line) = event, line.step == 3 {
          try? FileManager.default.copyItem(at: whole, to: broken)
        }
      }
    ).state
    let resumed = try TrainingRun(recipe, validation: validation, folder: RunFolder(broken)).run(
      resume: true
    ).state
    #expect(resumed.step == expected.step && resumed.samples == expected.samples)
    for part in Recipe.State.parts {
      for path in [
        part.parameters, part.adam.appending(path: \.first), part.adam.appending(path: \.second),
      ] as [KeyPath<Recipe.State, ParameterArena>] {
        #expect(
          resumed[keyPath: path].storage.values == expected[keyPath: path].storage.values,
          "\(part.prefix)", sourceLocation: sourceLocation)
      }
    }
    let model = try BaselineModelFile.read(RunFolder(whole).last)
    let numbers = expected[keyPath: Recipe.State.parts[0].parameters].storage.values
    #expect(model.parameters.storage.values == numbers, sourceLocation: sourceLocation)
    #expect(model.description.training["steps"] == "\(expected.step)")
    let lines = try String(contentsOf: RunFolder(broken).log, encoding: .utf8).split(
      separator: "\n")
    #expect(lines.count == expected.step, sourceLocation: sourceLocation)
  }

  /// Networks that tell no tissues apart are chosen by CT numbers alone: bone that comes and goes while
  /// they learn must not keep an early state. SPIDER, which answers with anatomy too, is chosen by both.
  @Test func bestWeightsAreChosenByWhatANetworkAnswers() throws {
    func summary(psnr: Double, bone: Double) -> EvaluationSummary {
      var metrics = CaseMetrics(id: "a")
      metrics.psnrBody = psnr
      metrics.dice["bone_hu"] = bone
      return EvaluationSummary(cases: [metrics])
    }
    let early = summary(psnr: 17, bone: 0.3)
    let late = summary(psnr: 18.5, bone: 0.05)
    let patients = CaseLibrary(Self.patients)
    let generator = try X2CTRecipe(configuration(.x2ctGAN, steps: 1), training: patients)
    #expect(generator.score(late) > generator.score(early))
    let slices = try PerX2CTRecipe(configuration(.perX2CT, steps: 1), training: patients)
    #expect(slices.score(late) > slices.score(early))
    let spider = try SpiderRecipe(TrainingConfiguration(), training: patients)
    #expect(spider.score(late) < spider.score(early))
  }

  @Test(.slow) func x2ctGANResumesWithTheSameBits() throws {
    try resumes(X2CTRecipe(configuration(.x2ctGAN, steps: 5), training: CaseLibrary(Self.patients)))
  }

  @Test(.slow) func perX2CTResumesWithTheSameBits() throws {
    try resumes(
      PerX2CTRecipe(configuration(.perX2CT, steps: 5), training: CaseLibrary(Self.patients)))
  }

  /// On one patient that is always the same, both losses must fall by far.
  @Test(.slow, arguments: [TrainableNetwork.x2ctGAN, .perX2CT])
  func learns(_ network: TrainableNetwork) throws {
    // PerX2CT sees another slice each step.
    var c = configuration(network, steps: network == .x2ctGAN ? 30 : 180)
    c.augmentation = .none
    c.validationInterval = 1000
    c.learningRate = LinearDecay(peak: 3e-3, start: 1)
    func losses<Recipe: TrainingRecipe>(_ recipe: Recipe) throws -> [Double] {
      var state = recipe.start()
      let step = recipe.stepper(for: state)
      return try (0..<c.steps).map { index in
        try step(&state, recipe.batch(step: index), 3e-3).loss.total
      }
    }
    let patient = [Self.patients[0]]
    let all =
      network == .x2ctGAN
      ? try losses(X2CTRecipe(c, training: CaseLibrary(patient)))
      : try losses(PerX2CTRecipe(c, training: CaseLibrary(patient)))
    let (first, last) = (all.prefix(5).reduce(0, +), all.suffix(5).reduce(0, +))
    #expect(last < 0.65 * first, "\(all)")
  }

  /// What lies outside the scan says nothing: whatever stands there, the step is the same.
  @Test(arguments: [TrainableNetwork.x2ctGAN, .perX2CT]) func unknownVoxelsCountForNothing(
    _ network: TrainableNetwork
  ) throws {
    var c = configuration(network, steps: 1)
    c.augmentation = .none
    let given = Self.patients[0]
    var labels = given.labels
    for index in labels.values.indices where labels.grid.voxel(at: index).z < 8 {
      labels.values[index] = LabelScheme.outsideScan
    }
    let cut = [TrainingCase(id: "cut", isReal: false, ct: given.ct, labels: labels)]
    func norms<Recipe: TrainingRecipe>(
      _ recipe: Recipe, _ changed: (Recipe.Batch) -> Recipe.Batch
    ) throws -> [Double] {
      let batch = try recipe.batch(step: 0)
      return try [batch, changed(batch)].map { batch in
        var state = recipe.start()
        return try recipe.stepper(for: state)(&state, batch, 1e-3).gradientNorm
      }
    }
    let norms =
      network == .x2ctGAN
      ? try norms(X2CTRecipe(c, training: CaseLibrary(cut))) { $0.withUnknown(0.9) }
      : try norms(PerX2CTRecipe(c, training: CaseLibrary(cut))) { $0.withUnknown(0.9) }
    #expect(norms[0] == norms[1] && norms[0] > 0, "\(norms)")
  }

  @Test func configurationsSurviveYAML() throws {
    let folder = temporaryFolder()
    try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    defer { try? FileManager.default.removeItem(at: folder) }
    let file = folder.appendingPathComponent("config.yaml")
    for preset in BaselinePreset.allCases {
      let configuration = preset.configuration
      #expect(configuration.fault == nil, "\(preset)")
      try Data(configuration.yaml().utf8).write(to: file)
      let network = try #require(TrainableNetwork.of(preset.rawValue))
      #expect(TrainableNetwork.of(file.path) == network)
      #expect(try network.read(file) as? BaselineConfiguration == configuration)
    }
    for (text, word) in [
      ("stepps: 5", "stepps"), ("steps: 0", "steps is 0"),
      ("model: {architecture: {x2ct-gan: {generator: {input_size: 96}}}}", "pixels"),
      ("model: {architecture: {x2ct-gan: {generator: {input_size: 80}}}}", "multiple of 32"),
      ("model: {views: [pa, ap]}", "frontal"), ("learningRate: {peak: -1}", "learningRate"),
    ] {
      try Data(text.utf8).write(to: file)
      #expect("\(text)") {
        _ = try BaselineConfiguration.read(file, defaults: .x2ctGAN)
      } throws: { error in
        "\(error)".contains("config.yaml") && "\(error)".contains(word)
      }
    }
  }
}
