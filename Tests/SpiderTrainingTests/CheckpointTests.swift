import Foundation
import SpiderCore
import SpiderIO
import SpiderPhantom
import SpiderTestSupport
import SpiderTraining
import Synchronization
import Testing

/// Checkpoints that were damaged, believed too much, or are in use.
struct CheckpointTests {
  private let folder: TemporaryFolder
  init() throws { folder = try TemporaryFolder() }

  private static let patient: TrainingCase = {
    let head = HeadPhantom(seed: 3).render(on: .canonical(size: 16))
    return TrainingCase(id: "phantom-3", isReal: false, ct: head.ct, labels: head.labels)
  }()

  private var run: RunFolder { RunFolder(folder["run"]) }

  private static func trainer(_ run: RunFolder, steps: Int) throws -> Trainer {
    var configuration = Preset.quick.configuration
    configuration.model = tinyModel().description
    configuration.sampling.count = 64
    configuration.patientsPerStep = 1
    configuration.validationInterval = 100
    configuration.validationSize = 8
    configuration.checkpointInterval = 1
    configuration.steps = steps
    return try Trainer(
      configuration, training: [patient], validation: [patient], folder: run)
  }

  private func trainer(steps: Int) throws -> Trainer { try Self.trainer(run, steps: steps) }

  private func resumed(_ steps: Int) throws -> (TrainingState, notes: [String]) {
    try Self.resumed(run, steps)
  }

  private static func resumed(
    _ run: RunFolder, _ steps: Int
  ) throws -> (TrainingState, notes: [String]) {
    let notes = Mutex<[String]>([])
    let state = try trainer(run, steps: steps).run(resume: true) { event in
      if case .note(let text) = event { notes.withLock { $0.append(text) } }
    }.state
    return (state, notes.withLock { $0 })
  }

  /// One bit anywhere in the file.
  private func flip(_ file: URL, at share: Double) throws {
    var bytes = try Data(contentsOf: file)
    bytes[Int(share * Double(bytes.count - 1))] ^= 0x04
    try bytes.write(to: file)
  }

  @Test(arguments: [0.3, 0.5, 0.77, 1.0]) func aFlippedBitIsNamed(share: Double) throws {
    let file = folder["t.safetensors"]
    try SafetensorsFile(
      metadata: ["a": "b"],
      tensors: [NamedTensor(name: "w", shape: [1000], values: (0..<1000).map(Float.init))]
    ).write(to: file)
    #expect(try SafetensorsFile.read(file).isChecksummed)
    try flip(file, at: share)
    #expect {
      try SafetensorsFile.read(file)
    } throws: { error in
      "\(error)".contains("checksum") && "\(error)".contains("t.safetensors")
    }
  }

  @Test func theLastButOneIsUsedWhenTheLastIsDamaged() throws {
    _ = try trainer(steps: 3).run(resume: false)
    try flip(run.checkpoint, at: 0.9)
    let (state, notes) = try resumed(5)
    #expect(state.step == 5)
    #expect(notes.count == 1 && notes[0].contains("on from step 2"), "\(notes)")
    // Both damaged: refused, by the name of the last.
    try flip(run.checkpoint, at: 0.9)
    try flip(run.previousCheckpoint, at: 0.9)
    #expect {
      try resumed(6)
    } throws: { "\($0)".contains("state.safetensors") }
  }

  @Test(
    .slow,
    arguments: [
      ("adam_step", "9223372036854775807"), ("samples", "9223372036854775807"),
      ("step", "9223372036854775807"), ("step", "-1"), ("seconds", "1e308"), ("seconds", "inf"),
      ("best_score", "nan"), ("best_score", "-inf"),
    ])
  func countersOutOfRangeAreRefusedByName(key: String, value: String) throws {
    _ = try trainer(steps: 1).run(resume: false)
    var file = try SafetensorsFile.read(run.checkpoint)
    #expect(file.metadata[key] != nil)
    file.metadata[key] = value
    try file.write(to: run.checkpoint, overwrite: true)
    #expect {
      try resumed(2)
    } throws: { "\($0)".contains("'\(key)'") }
  }

  @Test func aRunWithoutACheckpointStartsAgainAndAnEmptyFolderDoesNot() throws {
    #expect(throws: TrainingError.nothingToResume(run.url)) { try resumed(2) }
    #expect(!FileManager.default.fileExists(atPath: run.url.path))
    _ = try trainer(steps: 2).run(resume: false)
    try FileManager.default.removeItem(at: run.checkpoint.deletingLastPathComponent())
    let (state, notes) = try resumed(2)
    #expect(state.step == 2)
    #expect(notes.contains { $0.contains("from its beginning") })
  }

  @Test func oneRunAtATimeInAFolder() throws {
    let refused = Mutex<TrainingError?>(nil)
    let run = run
    _ = try trainer(steps: 2).run(resume: false) { event in
      guard case .line = event else { return }
      do { _ = try Self.resumed(run, 3) } catch {
        refused.withLock { $0 = error as? TrainingError }
      }
    }
    #expect(refused.withLock { $0 } == .runLocked(run.url))
    // What a dead process left behind keeps nobody out.
    try Data().write(to: run.url.appendingPathComponent(".lock"))
    #expect(try resumed(3).0.step == 3)
  }
}
