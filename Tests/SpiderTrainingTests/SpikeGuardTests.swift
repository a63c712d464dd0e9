import Foundation
import SpiderCore
import SpiderEvaluation
import SpiderIO
import SpiderPhantom
import SpiderSupport
import SpiderTensor
import SpiderTestSupport
import SpiderTraining
import Synchronization
import Testing

/// A loss that jumps but stays finite: the step is skipped, and that is all.
@Suite struct SpikeGuardTests {
  private let folder: TemporaryFolder
  init() throws { folder = try TemporaryFolder() }

  // MARK: The rule

  /// Losses that differ by some 10 %, as they do.
  private func usual(_ count: Int, seed: UInt64 = 1) -> [Double] {
    var random = SeededGenerator(seed: seed)
    return (0..<count).map { _ in 0.3 * exp(0.1 * random.normal()) }
  }

  @Test func onlyAFarJumpIsASpike() throws {
    var state = SpikeGuard()
    for loss in usual(200) {
      let spike = state.judge(loss: loss, gradientNorm: 5 * loss, limit: 10)
      #expect(spike == nil)
    }
    let before = state
    // Three times as much is a hard patient.
    var other = state
    let hard = other.judge(loss: 0.9, gradientNorm: 1.5, limit: 10)
    #expect(hard == nil)
    let found = state.judge(loss: 30, gradientNorm: 1.5, limit: 10)
    let spike = try #require(found)
    #expect(spike.name == "loss" && abs(spike.value - 30) < 1e-9 && abs(spike.usual - 0.3) < 0.03)
    #expect(spike.bound > 0.3 * exp(2) * 0.9 && spike.bound < 30)
    #expect(state.skipped == 1 && state.inARow == 1)
    // A gradient alone, too; and what was skipped has not become usual.
    let second = state.judge(loss: 0.3, gradientNorm: 900, limit: 10)
    #expect(second?.name == "gradient" && state.inARow == 2)
    let next = state.judge(loss: 0.3, gradientNorm: 1.5, limit: 10)
    #expect(next == nil)
    #expect(state.inARow == 0 && state.skipped == 2 && before.skipped == 0)
  }

  /// A loss that falls by far, a few steps without a history, and no guard at all.
  @Test func nothingElseIsASpike() {
    var state = SpikeGuard()
    for step in 0..<300 {
      let loss = 10 * exp(-0.03 * Double(step))
      let spike = state.judge(loss: loss, gradientNorm: loss, limit: 10)
      #expect(spike == nil)
    }
    var young = SpikeGuard()
    for loss in usual(10) { _ = young.judge(loss: loss, gradientNorm: loss, limit: 10) }
    let early = young.judge(loss: 1e9, gradientNorm: 1e9, limit: 10)
    #expect(early == nil)
    var off = SpikeGuard()
    for loss in usual(100) + [1e9] {
      let spike = off.judge(loss: loss, gradientNorm: loss, limit: 0)
      #expect(spike == nil)
    }
    #expect(off == SpikeGuard())
  }

  /// The rule once more in Python, which the PyTorch twin trains by.
  @Test func theTwinsRuleIsOurs() throws {
    struct Golden: Decodable {
      let limit: Double
      let losses: [Double]
      let norms: [Double]
      let skipped: [Int]
    }
    let file = try #require(
      Bundle.module.url(forResource: "Resources/spikes", withExtension: "json"))
    let golden = try JSONDecoder().decode([Golden].self, from: Data(contentsOf: file))
    #expect(golden.count >= 3 && golden.contains { !$0.skipped.isEmpty })
    for golden in golden {
      var state = SpikeGuard()
      let skipped = golden.losses.indices.filter {
        state.judge(
          loss: golden.losses[$0], gradientNorm: golden.norms[$0], limit: golden.limit) != nil
      }
      #expect(skipped == golden.skipped)
    }
  }

  // MARK: Steps

  private static let patients: [TrainingCase] = [UInt64(1), 2].map { seed in
    let head = HeadPhantom(seed: seed).render(on: .canonical(size: 16))
    return TrainingCase(id: "phantom-\(seed)", isReal: false, ct: head.ct, labels: head.labels)
  }

  private static func configuration(steps: Int, limit: Double = 10) -> TrainingConfiguration {
    var configuration = Preset.quick.configuration
    configuration.model = tinyModel().description
    configuration.augmentation = .none
    configuration.sampling.count = 64
    configuration.patientsPerStep = 1
    configuration.steps = steps
    configuration.validationInterval = 1000
    configuration.validationSize = 8
    configuration.checkpointInterval = 4
    configuration.logInterval = 5
    configuration.spikeLimit = limit
    return configuration
  }

  /// SPIDER's recipe with a truth a thousand times too large in some steps (from 0).
  private struct Jumping: TrainingRecipe {
    let base: SpiderRecipe
    let steps: Set<Int>

    init(_ configuration: TrainingConfiguration, at steps: Set<Int>) throws {
      base = try SpiderRecipe(configuration, training: CaseLibrary(SpikeGuardTests.patients))
      self.steps = steps
    }

    var plan: RunPlan { base.plan }
    var cases: CaseLibrary { base.cases }
    func start() -> TrainingState { base.start() }
    func learningRate(step: Int, progress: Double) -> Double {
      base.learningRate(step: step, progress: progress)
    }
    func batch(step: Int) throws -> TrainingBatch {
      var batch = try base.batch(step: step)
      guard steps.contains(step) else { return batch }
      batch.intensity = Tensor(batch.intensity.shape, batch.intensity.values.map { 1000 * $0 })
      return batch
    }
    func patients(of batch: TrainingBatch) -> [String] { base.patients(of: batch) }
    func stepper(for state: TrainingState) -> SpiderRecipe.Step { base.stepper(for: state) }
    func weights(_ state: TrainingState) -> LossWeights { base.weights(state) }
    func method(_ state: TrainingState) -> any ReconstructionModel { base.method(state) }
    func write(
      _ state: TrainingState, record: [String: String], to url: URL
    ) throws(FileError) { try base.write(state, record: record, to: url) }
    func configurationText() throws -> String { try base.configurationText() }
    func fingerprint() throws -> String { try base.fingerprint() }
  }

  private func run(
    _ name: String, _ configuration: TrainingConfiguration, at steps: Set<Int>,
    resume: Bool = false, report: @escaping @Sendable (TrainingEvent) -> Void = { _ in }
  ) throws -> TrainingState {
    try TrainingRun(
      Jumping(configuration, at: steps), validation: CaseLibrary([TrainingCase]()),
      folder: RunFolder(folder[name])
    ).run(resume: resume, report: report).state
  }

  private func numbers(_ state: TrainingState) -> [[Float]] {
    [state.model.parameters, state.adam.first, state.adam.second].map(\.storage.values)
  }

  /// A run without spikes is, to the bit, the run without a guard.
  @Test func aGuardChangesNoRunWithoutSpikes() throws {
    let guarded = try run("a", Self.configuration(steps: 24), at: [])
    let free = try run("b", Self.configuration(steps: 24, limit: 0), at: [])
    #expect(numbers(guarded) == numbers(free))
    #expect(guarded.spikes.skipped == 0 && free.spikes == SpikeGuard())
  }

  @Test func aSpikeMovesNothing() throws {
    var state = TrainingState(Self.configuration(steps: 30))
    let recipe = try Jumping(Self.configuration(steps: 30), at: [20])
    let step = recipe.stepper(for: state)
    for number in 0..<20 { _ = try step(&state, recipe.batch(step: number), 1e-3) }
    let before = state
    let report = try step(&state, recipe.batch(step: 20), 1e-3)
    #expect(report.spike?.name == "loss" && report.loss.total > 100)
    #expect(numbers(state) == numbers(before) && state.adam.step == 20)
    #expect(state.step == 21 && state.samples == 21 && state.spikes.skipped == 1)
    let next = try step(&state, recipe.batch(step: 21), 1e-3)
    #expect(next.spike == nil && numbers(state) != numbers(before))
  }

  /// Stopped between two spikes, and in a row of them: the same bits, the same counts.
  @Test(arguments: [22, 27]) func aResumedRunSkipsTheSameSteps(_ last: Int) throws {
    let (configuration, steps) = (Self.configuration(steps: 36), Set([20, 25, 26, 27, 28, 33]))
    let notes = Mutex<[String]>([])
    let expected = try run("whole", configuration, at: steps) { event in
      if case .note(let text) = event { notes.withLock { $0.append(text) } }
    }
    #expect(expected.spikes.skipped == 6)
    let words = notes.withLock { $0 }
    #expect(words.count == 7 && words[0].contains("step 21, patient 'phantom-"), "\(words)")
    #expect(words.last?.hasPrefix("of 6 skipped steps, patient 'phantom-") ?? false, "\(words)")
    let facts = RunSummary(RunFolder(folder["whole"])).facts
    #expect(facts.contains { $0.name == "steps skipped" && $0.value.hasPrefix("6:") }, "\(facts)")

    let control = TrainingControl()
    let logging = { (c: TrainingConfiguration) in
      var c = c
      c.logInterval = 1
      return c
    }
    _ = try TrainingRun(
      Jumping(logging(configuration), at: steps), validation: CaseLibrary([TrainingCase]()),
      folder: RunFolder(folder["broken"])
    ).run(resume: false, control: control) { event in
      if case .line(let line) = event, line.step == last { control.stop() }
    }
    let resumed = try run("broken", configuration, at: steps, resume: true)
    #expect(numbers(resumed) == numbers(expected) && resumed.spikes == expected.spikes)

    struct Line: Decodable {
      let step: Int
      let skipped: Int
      let loss: Loss
      struct Loss: Decodable { let total: Double }
    }
    for name in ["whole", "broken"] {
      let text = try String(contentsOf: RunFolder(folder[name]).log, encoding: .utf8)
      let lines = try text.split(separator: "\n").map {
        try JSONDecoder().decode(Line.self, from: Data($0.utf8))
      }
      #expect(lines.reduce(0) { $0 + $1.skipped } == 6, "\(name)")
    }
    // What was skipped is in no mean of which a step was made.
    let whole = try String(contentsOf: RunFolder(folder["whole"]).log, encoding: .utf8)
    let means = try whole.split(separator: "\n").map {
      try JSONDecoder().decode(Line.self, from: Data($0.utf8)).loss.total
    }
    #expect(means.allSatisfy { $0 < 50 }, "\(means)")
  }

  @Test func tooManyInARowStopTheRun() throws {
    let (configuration, steps) = (Self.configuration(steps: 100), Set(20..<100))
    let result = Result { try run("run", configuration, at: steps) }
    guard case .failure(let error) = result, case .spikes(let found)? = error as? TrainingError
    else {
      Issue.record("\(result)")
      return
    }
    #expect(found.step == 40 && found.inARow == 20)
    for word in ["21 to 40", "loss", "'phantom-", "learningRate.peak", "spikeLimit"] {
      #expect("\(error)".contains(word), "\(error)")
    }
    #expect(!"\(error)".contains("--"))
    // The checkpoint is good: with other data the run goes on from it, under another limit as well.
    let resumed = try run(
      "run", Self.configuration(steps: 44, limit: 50), at: [], resume: true)
    #expect(resumed.step == 44 && resumed.spikes.inARow == 0)
    #expect(numbers(resumed).allSatisfy { $0.allSatisfy(\.isFinite) })
  }

  // MARK: Checkpoints

  /// As those of former versions are.
  @Test func aCheckpointWithoutAGuardGoesOn() throws {
    _ = try run("run", Self.configuration(steps: 20), at: [])
    let checkpoint = RunFolder(folder["run"]).checkpoint
    var file = try SafetensorsFile.read(checkpoint)
    let memory = file.metadata.removeValue(forKey: "spikes")
    #expect(memory != nil)
    try file.write(to: checkpoint, overwrite: true)
    let resumed = try run("run", Self.configuration(steps: 22), at: [], resume: true)
    #expect(resumed.step == 22 && resumed.spikes.skipped == 0)
  }

  @Test(arguments: [
    "", "1 2;;", "0 0;1", "-1 0;;", "3 21;;", "0 0;nan;0", "0 0;1e9;1", "0 0;1 2;1", "x",
  ])
  func whatIsNoMemoryIsRefusedByName(_ text: String) throws {
    _ = try run("run", Self.configuration(steps: 1), at: [])
    let checkpoint = RunFolder(folder["run"]).checkpoint
    var file = try SafetensorsFile.read(checkpoint)
    file.metadata["spikes"] = text
    try file.write(to: checkpoint, overwrite: true)
    #expect {
      try run("run", Self.configuration(steps: 2), at: [], resume: true)
    } throws: { "\($0)".contains("'spikes'") && "\($0)".contains("state.safetensors") }
  }

  @Test func limitsHaveARange() {
    for limit in [0.0, 3, 10, 1e6] {
      #expect(Self.configuration(steps: 1, limit: limit).fault == nil)
    }
    for limit in [-1, 1, 2.9, 1e7, .nan, .infinity] {
      let fault = Self.configuration(steps: 1, limit: limit).fault ?? ""
      #expect(fault.contains("spikeLimit") && fault.contains("0 to skip no step"), "\(limit)")
    }
  }
}
