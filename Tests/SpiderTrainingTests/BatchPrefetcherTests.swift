import Dispatch
import Foundation
import SpiderCore
import SpiderPhantom
import SpiderSupport
import SpiderTensor
import SpiderTestSupport
import SpiderTraining
import Synchronization
import Testing

/// Preparing ahead changes when a batch is made, and nothing else.
@Suite struct BatchPrefetcherTests {
  private struct Damage: Error, Equatable { var step: Int }

  /// A batch that tells its step.
  private static func batch(_ step: Int) -> TrainingBatch {
    TrainingBatch(
      images: Tensor([1, 1, 1, 1]), points: Tensor([1, 1, 3]), pixels: Tensor([1, 1, 1, 2]),
      intensity: Tensor([1, 1]), labels: [UInt8(step)])
  }

  /// A semaphore that gives up: a test that would wait for ever fails instead.
  private func wait(for semaphore: DispatchSemaphore) -> Bool {
    semaphore.wait(timeout: .now() + 120) == .success
  }

  // MARK: Batches

  @Test func theNextBatchIsMadeBeforeItIsAskedFor() throws {
    let begun = Mutex<[Int]>([])
    let made = DispatchSemaphore(value: 0)
    let ahead = BatchPrefetcher(end: 4) { step in
      begun.withLock { $0.append(step) }
      made.signal()
      return Self.batch(step)
    }
    for step in 0..<4 {
      #expect(try ahead.batch(step: step).labels == [UInt8(step)])
      if step == 0 { #expect(wait(for: made)) }
      guard step < 3 else { continue }
      // Nobody has asked for the next one yet; and none is made beyond it, nor beyond the end.
      #expect(wait(for: made), "the batch after \(step) waits until it is asked for")
      #expect(begun.withLock { $0 } == Array(0...step + 1))
    }
    ahead.stop()
    #expect(begun.withLock { $0 } == [0, 1, 2, 3])
  }

  @Test func withAnEndOf0EachIsMadeWhenItIsAskedFor() throws {
    let begun = Mutex<[Int]>([])
    let ahead = BatchPrefetcher(end: 0) { step in
      begun.withLock { $0.append(step) }
      return Self.batch(step)
    }
    for step in 0..<3 {
      #expect(try ahead.batch(step: step).labels == [UInt8(step)])
      ahead.stop()
      #expect(begun.withLock { $0 } == Array(0...step))
    }
  }

  /// Asked for another step than the one prepared, it makes that one.
  @Test func stepsMayBeLeftOut() throws {
    let ahead = BatchPrefetcher(end: 100) { Self.batch($0) }
    for step in [7, 8, 20, 3] {
      #expect(try ahead.batch(step: step).labels == [UInt8(step)])
    }
    ahead.stop()
  }

  @Test func aFaultWaitsForItsStep() throws {
    let failed = DispatchSemaphore(value: 0)
    let ahead = BatchPrefetcher(end: 9) { step in
      guard step != 2 else {
        failed.signal()
        throw Damage(step: step)
      }
      return Self.batch(step)
    }
    #expect(try ahead.batch(step: 0).labels == [0])
    #expect(try ahead.batch(step: 1).labels == [1])
    #expect(wait(for: failed), "batch 2 is not prepared ahead")
    #expect(throws: Damage(step: 2)) { try ahead.batch(step: 2) }
    // It is told once, and nothing was begun after it.
    #expect(try ahead.batch(step: 3).labels == [3])
    ahead.stop()
  }

  @Test func afterStoppingNothingRuns() throws {
    let begun = DispatchSemaphore(value: 0)
    let ended = Mutex(0)
    let ahead = BatchPrefetcher(end: 9) { step in
      if step == 1 {
        begun.signal()
        Thread.sleep(forTimeInterval: 0.1)
      }
      ended.withLock { $0 += 1 }
      return Self.batch(step)
    }
    _ = try ahead.batch(step: 0)
    #expect(wait(for: begun))
    ahead.stop()
    #expect(ended.withLock { $0 } == 2, "the batch in the making outlives its run")
    // Stopping is no end: it may be asked again, and dropped what it had.
    #expect(try ahead.batch(step: 1).labels == [1])
    ahead.stop()
    #expect(ended.withLock { $0 } == 4)
  }

  /// The step keeps all workers; what is prepared beside it has few.
  @Test(arguments: [(1, 1), (2, 1), (8, 1), (16, 2), (64, 8)])
  func fewWorkersPrepare(_ all: Int, _ few: Int) throws {
    let counts = Mutex<[Int]>([])
    try Parallel.withWorkerCount(all) {
      let ahead = BatchPrefetcher(end: 2) { step in
        counts.withLock { $0.append(Parallel.workerCount) }
        return Self.batch(step)
      }
      _ = try ahead.batch(step: 0)
      ahead.stop()
      #expect(Parallel.workerCount == all)
    }
    #expect(counts.withLock { $0 } == [all, few])
  }

  // MARK: Runs

  private func patients(damaged: Bool = false) -> [TrainingCase] {
    let grid = VoxelGrid.canonical(size: 24)
    var cases = [UInt64(1), 2].map { seed in
      let head = HeadPhantom(seed: seed).render(on: grid)
      return TrainingCase(id: "phantom-\(seed)", isReal: false, ct: head.ct, labels: head.labels)
    }
    // Nothing but air: its X-rays show nothing.
    if damaged {
      cases.append(
        TrainingCase(
          id: "air", isReal: false, ct: Volume(grid: grid, repeating: -1000),
          labels: LabelVolume(grid: grid, repeating: 0)))
    }
    return cases
  }

  private func configuration() -> TrainingConfiguration {
    var configuration = Preset.quick.configuration
    configuration.model = tinyModel().description
    configuration.sampling.count = 256
    configuration.augmentation.noise = 0
    configuration.augmentation.physics.share = 0
    (configuration.steps, configuration.logInterval) = (8, 1)
    return configuration
  }

  private struct Outcome: Equatable {
    var error: String?
    var parameters: [Float] = []
    var moments: [Float] = []
    /// Steps that left a line in the log.
    var lines = 0
  }

  private func run(
    _ configuration: TrainingConfiguration, _ patients: [TrainingCase], ahead: Bool
  ) throws -> Outcome {
    let folder = FileManager.default.temporaryDirectory.appendingPathComponent(UUID().uuidString)
    defer { try? FileManager.default.removeItem(at: folder) }
    var trainer = try Trainer(
      configuration, training: patients, validation: [], folder: RunFolder(folder))
    trainer.preparesAhead = ahead
    var outcome = Outcome()
    do {
      let state = try trainer.run(resume: false).state
      outcome.parameters = state.model.parameters.storage.values
      outcome.moments = state.adam.first.storage.values + state.adam.second.storage.values
    } catch {
      outcome.error = "\(error)"
    }
    outcome.lines = try String(contentsOf: RunFolder(folder).log, encoding: .utf8)
      .split(separator: "\n").count
    return outcome
  }

  @Test(arguments: [1, 2, 9]) func aRunGivesTheSameBits(_ workers: Int) throws {
    try Parallel.withWorkerCount(workers) {
      let reference = try run(configuration(), patients(), ahead: false)
      #expect(reference.error == nil && reference.lines == 8 && !reference.parameters.isEmpty)
      for _ in 0..<3 {
        let isSame = try run(configuration(), patients(), ahead: true) == reference
        #expect(isSame, "preparing ahead changed the run")
      }
    }
  }

  @Test func aDamagedPatientEndsTheRunAtItsStep() throws {
    let patients = patients(damaged: true)
    var configuration = configuration()
    // One that is drawn after some steps, so that it is met ahead.
    func first() -> Int? {
      let batches = BatchMaker(patients, configuration)
      return (0..<8).first { (try? batches.batch(step: $0)) == nil }
    }
    while try #require(first()) < 2 { configuration.seed += 1 }
    let reference = try run(configuration, patients, ahead: false)
    #expect(reference.error == "\(ViewError.emptyImage(index: 0))")
    #expect(reference.lines == first())
    #expect(try run(configuration, patients, ahead: true) == reference)
  }

  /// A run that breaks off in a step, with the next batch in the making.
  @Test func aRunThatDivergesEndsAsBefore() throws {
    var configuration = configuration()
    configuration.learningRate.peak = 1e30
    configuration.learningRate.warmupSteps = 0
    let reference = try run(configuration, patients(), ahead: false)
    #expect(reference.error != nil && reference.lines < 8)
    #expect(try run(configuration, patients(), ahead: true) == reference)
  }
}
