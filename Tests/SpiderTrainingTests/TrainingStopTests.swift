import Foundation
import SpiderCore
import SpiderEvaluation
import SpiderPhantom
import SpiderTestSupport
import SpiderTraining
import Testing

/// A run that is asked to stop ends after its step, and goes on as if nothing had been.
@Suite struct TrainingStopTests {
  private let folder: TemporaryFolder
  init() throws { folder = try TemporaryFolder() }

  private func trainer(
    _ name: String, steps: Int, validationInterval: Int = 3
  ) throws -> Trainer {
    let patients = [UInt64(1), 2].map { seed in
      let head = HeadPhantom(seed: seed).render(on: .canonical(size: 24))
      return TrainingCase(id: "phantom-\(seed)", isReal: false, ct: head.ct, labels: head.labels)
    }
    var configuration = Preset.quick.configuration
    configuration.model = tinyModel().description
    configuration.sampling.count = 256
    configuration.steps = steps
    configuration.validationInterval = validationInterval
    configuration.validationSize = 12
    // Never in time: only the stop can leave a checkpoint.
    configuration.checkpointInterval = 1000
    configuration.logInterval = 1
    return try Trainer(
      configuration, training: patients, validation: [patients[1]],
      folder: RunFolder(folder[name]))
  }

  /// The numbers of a state: parameters and both moments.
  private func numbers(_ state: TrainingState) -> [[Float]] {
    [state.model.parameters, state.adam.first, state.adam.second].map(\.storage.values)
  }

  /// Steps with a validation (3) and without (4), and the first.
  @Test(arguments: [1, 3, 4]) func aStoppedRunIsResumedWithTheSameBits(_ last: Int) throws {
    let expected = try trainer("whole", steps: 7).run(resume: false)
    #expect(!expected.isStopped)

    let control = TrainingControl()
    let stopped = try trainer("broken", steps: 7).run(resume: false, control: control) { event in
      if case .line(let line) = event, line.step == last { control.stop() }
    }
    #expect(stopped.isStopped && stopped.state.step == last)
    let files = RunFolder(folder["broken"])
    #expect(files.hasCheckpoint)
    #expect(FileManager.default.fileExists(atPath: files.last.path))

    let resumed = try trainer("broken", steps: 7).run(resume: true)
    #expect(!resumed.isStopped && resumed.state.step == 7)
    #expect(numbers(resumed.state) == numbers(expected.state))
    #expect(resumed.state.bestScore == expected.state.bestScore)
  }

  /// A stop that comes with the last step changes nothing.
  @Test func theLastStepFinishesARun() throws {
    let control = TrainingControl()
    control.stop()
    #expect(try !trainer("run", steps: 1).run(resume: false, control: control).isStopped)
  }

  @Test func cancellingTheTaskStopsTheRunInIt() async throws {
    let trainer = try trainer("run", steps: 7)
    let outcome = try await Task {
      try trainer.run(resume: false) { event in
        guard case .line(let line) = event, line.step == 2 else { return }
        withUnsafeCurrentTask { $0?.cancel() }
      }
    }.value
    #expect(outcome.isStopped && outcome.state.step == 2)
  }

  /// The validation is part of the step: it is made, and tells the best weights.
  @Test func aStepOfACancelledTaskIsMadeWhole() async throws {
    let trainer = try trainer("run", steps: 7, validationInterval: 1)
    let outcome = try await Task {
      withUnsafeCurrentTask { $0?.cancel() }
      return try trainer.run(resume: false)
    }.value
    #expect(outcome.isStopped && outcome.state.step == 1 && outcome.state.bestScore != nil)
  }

  @Test func cancellingStopsARunInTheBackground() async throws {
    let (lines, continuation) = AsyncStream.makeStream(of: Int.self)
    let trainer = try trainer("run", steps: 100_000)
    let task = Task {
      try await trainer.runInBackground(resume: false) { event in
        if case .line(let line) = event { continuation.yield(line.step) }
      }
    }
    for await step in lines where step >= 2 { break }
    task.cancel()
    let outcome = try await task.value
    #expect(outcome.isStopped && outcome.state.step >= 2)
    #expect(RunFolder(folder["run"]).hasCheckpoint)
  }
}
