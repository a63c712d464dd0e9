import Foundation
import SpiderCore
import SpiderPhantom
import SpiderSupport
import SpiderTensor
import SpiderTestSupport
import SpiderTraining
import Synchronization
import Testing

/// Processes that share the steps of a run make the steps of one process. Here they are threads.
@Suite struct CommunicatorTests {
  private let folder: TemporaryFolder
  init() throws { folder = try TemporaryFolder() }

  /// Phantom heads, coarse ones.
  private func patients() -> [TrainingCase] {
    [UInt64(1), 2, 3].map { seed in
      let head = HeadPhantom(seed: seed).render(on: .canonical(size: 24))
      return TrainingCase(id: "phantom-\(seed)", isReal: false, ct: head.ct, labels: head.labels)
    }
  }

  private func configuration(_ patients: Int) -> TrainingConfiguration {
    var configuration = Preset.quick.configuration
    configuration.model = tinyModel().description
    configuration.patientsPerStep = patients
    configuration.sampling.count = 256
    // Down the gradient itself: Adam goes as far where a gradient is nothing but rounding.
    configuration.adam.epsilon = 0.1
    configuration.learningRate.peak = 0.1
    configuration.validationInterval = 3
    configuration.validationSize = 12
    configuration.checkpointInterval = 2
    configuration.logInterval = 1
    configuration.steps = 5
    return configuration
  }

  /// The outcome of a run on one process, or on several that share it.
  private func run(
    _ name: String, _ configuration: TrainingConfiguration, on members: [Member]? = nil,
    resume: Bool = false, stoppedBy stopper: Int? = nil
  ) throws -> [TrainingOutcome<TrainingState>] {
    let patients = patients()
    let recipe = try SpiderRecipe(configuration, training: CaseLibrary(patients))
    let files = RunFolder(folder[name])
    @Sendable func run(
      _ recipe: SpiderRecipe, _ rank: Int
    ) throws -> TrainingOutcome<TrainingState> {
      let control = TrainingControl()
      if rank == stopper { control.stop() }
      return try Trainer(recipe, validation: CaseLibrary([patients[1]]), folder: files)
        .run(resume: resume, control: control)
    }
    guard let members else { return try sideBySide(1) { try run(recipe, $0) } }
    return try sideBySide(members.count) { rank in
      try run(recipe.shared(members[rank]), rank)
    }
  }

  private func numbers(_ state: TrainingState) -> [[Float]] {
    [state.model.parameters, state.adam.first, state.adam.second].map(\.storage.values)
  }

  /// The length of a difference, as a share of the length of what is expected.
  private func error(_ found: [Float], _ expected: [Float]) -> Double {
    func length(_ numbers: [Double]) -> Double {
      numbers.reduce(0) { $0 + $1 * $1 }.squareRoot()
    }
    return length(zip(found, expected).map { Double($0) - Double($1) })
      / length(expected.map(Double.init))
  }

  // MARK: Steps

  /// The gradient of the first step is what the first moment holds. Also where the shares are unequal.
  @Test(arguments: [(4, 2), (3, 2), (3, 3)])
  func theFirstGradientIsThatOfTheWholeBatch(_ patients: Int, _ count: Int) throws {
    var configuration = configuration(patients)
    configuration.steps = 1
    let one = try run("one", configuration)[0].state
    let several = try run("several", configuration, on: Member.team(count)).map(\.state)
    for state in several {
      let error = error(state.adam.first.storage.values, one.adam.first.storage.values)
      #expect(error < 1e-5, "\(error)")
      #expect(state.samples == patients && state.step == 1)
    }
  }

  @Test func stepsStayThoseOfOneProcess() throws {
    let one = try run("one", configuration(4))[0].state
    let several = try run("several", configuration(4), on: Member.team(2)).map(\.state)
    let error = error(
      several[0].model.parameters.storage.values, one.model.parameters.storage.values)
    #expect(error < 1e-4, "\(error)")
    // All have the same bits, or they would part more and more.
    #expect(numbers(several[0]) == numbers(several[1]))
    // Time is the first one's; only that one validates.
    #expect(several[0].seconds == several[1].seconds)
    #expect(several[0].bestScore != nil && several[1].bestScore == nil)
  }

  /// A process alone among itself has the bits of one that knows of no others.
  @Test func aTeamOfOneChangesNoBits() throws {
    let one = try run("one", configuration(2))[0].state
    let team = try run("team", configuration(2), on: Member.team(1))[0].state
    #expect(numbers(one) == numbers(team) && one.samples == team.samples)
  }

  /// Where the sums are left out, the gradient is not that of the whole batch: the tests above can fail.
  @Test func aMissingSumIsNoticed() throws {
    var configuration = configuration(4)
    configuration.steps = 1
    let one = try run("one", configuration)[0].state
    let recipe = try SpiderRecipe(configuration, training: CaseLibrary(patients()))
    let half = try recipe.shared(Deaf())
    var state = half.start()
    _ = try half.stepper(for: state)(&state, half.batch(step: 0), 1e-3)
    #expect(
      error(state.adam.first.storage.values, one.adam.first.storage.values) > 1e-2)
  }

  // MARK: Runs

  /// What several left behind, one goes on with, and the other way round.
  @Test func aRunGoesOnWithAnotherNumberOfProcesses() throws {
    let expected = try run("whole", configuration(4))[0].state
    let stopped = try run("run", configuration(4), on: Member.team(2), stoppedBy: 1)
    // Whoever is asked, all stop after the same step.
    #expect(stopped.map(\.isStopped) == [true, true] && stopped.map(\.state.step) == [1, 1])
    let alone = try run("run", configuration(4), resume: true, stoppedBy: 0)
    #expect(alone.map(\.state.step) == [2])
    let finished = try run("run", configuration(4), on: Member.team(3), resume: true)
    #expect(finished.map(\.state.step) == [5, 5, 5] && !finished[0].isStopped)
    for state in finished.map(\.state) {
      let error = error(
        state.model.parameters.storage.values, expected.model.parameters.storage.values)
      #expect(error < 1e-4, "\(error)")
    }
    let lines = try String(contentsOf: RunFolder(folder["run"]).log, encoding: .utf8)
    #expect(lines.split(separator: "\n").count == 5)
  }

  /// A loss that is no number in one share stops all, before any of them has moved.
  @Test func allStopWhereOneHasNoNumber() throws {
    let configuration = configuration(2)
    let recipe = try SpiderRecipe(configuration, training: CaseLibrary(patients()))
    let team = Member.team(2)
    let results = try sideBySide(2) { rank in
      let shared = try recipe.shared(team[rank])
      var state = shared.start()
      let step = shared.stepper(for: state)
      var batch = try shared.batch(step: 0)
      if rank == 1 { batch.intensity = Tensor(batch.intensity.shape, repeating: .nan) }
      return (names: batch.names, result: Result { try step(&state, batch, 1e-3) }.map { _ in })
    }
    // The patient is named where he is.
    for (rank, found) in results.enumerated() {
      let divergence = Divergence(
        step: 1, terms: ["intensity"], patients: rank == 1 ? found.names : [])
      #expect(throws: TrainingError.diverged(divergence)) { try found.result.get() }
    }
  }

  @Test func runsThatCannotBeSharedAreRefused() throws {
    let recipe = try SpiderRecipe(configuration(2), training: CaseLibrary(patients()))
    #expect(throws: TrainingError.self) { try recipe.shared(Member.team(3)[0]) }
    let gan = try BaselinePreset.x2ctGANSmall.configuration.recipe(
      training: CaseLibrary(patients()), startingFrom: nil)
    #expect(throws: TrainingError.self) { try gan.shared(Member.team(2)[0]) }
  }
}

/// The values that `body` gives on as many threads at once, each with one worker.
private func sideBySide<Value: Sendable>(
  _ count: Int, _ body: @escaping @Sendable (_ rank: Int) throws -> Value
) throws -> [Value] {
  let results = Mutex([Int: Result<Value, any Error>]())
  let group = DispatchGroup()
  for rank in 0..<count {
    group.enter()
    let thread = Thread {
      let result = Result { try Parallel.withWorkerCount(1) { try body(rank) } }
      results.withLock { $0[rank] = result }
      group.leave()
    }
    thread.stackSize = 8 << 20
    thread.start()
  }
  group.wait()
  return try (0..<count).map { rank in
    try #require(results.withLock { $0[rank] }).get()
  }
}

/// A communicator of threads: each waits until all have added theirs.
private struct Member: Communicator {
  let rank: Int
  let size: Int
  private let board: Board

  static func team(_ size: Int) -> [Member] {
    let board = Board()
    return (0..<size).map { Member(rank: $0, size: size, board: board) }
  }

  private final class Board: Sendable {
    let condition = NSCondition()
    let round = Mutex((number: 0, parts: [Int: [Double]](), sum: [Double]()))
  }

  func sum(_ numbers: inout MutableSpan<Double>) {
    let sum = sum(numbers.indices.map { numbers[$0] })
    for index in numbers.indices { numbers[index] = sum[index] }
  }

  func sum(_ numbers: inout MutableSpan<Float>) {
    let sum = sum(numbers.indices.map { Double(numbers[$0]) })
    for index in numbers.indices { numbers[index] = Float(sum[index]) }
  }

  /// The last to come adds up, in the order of the ranks, and wakes the others.
  private func sum(_ numbers: [Double]) -> [Double] {
    board.condition.lock()
    defer { board.condition.unlock() }
    let mine = board.round.withLock { round in
      round.parts[rank] = numbers
      guard round.parts.count == size else { return round.number }
      let parts = (0..<size).compactMap { round.parts[$0] }
      round.sum = numbers.indices.map { index in parts.reduce(0) { $0 + $1[index] } }
      round.parts = [:]
      round.number += 1
      return round.number - 1
    }
    board.condition.broadcast()
    while board.round.withLock({ $0.number == mine }) { board.condition.wait() }
    return board.round.withLock { $0.sum }
  }
}

/// A member of two that hears nothing of the other.
private struct Deaf: Communicator {
  let rank = 0
  let size = 2
  func sum(_ numbers: inout MutableSpan<Double>) {}
  func sum(_ numbers: inout MutableSpan<Float>) {}
}
