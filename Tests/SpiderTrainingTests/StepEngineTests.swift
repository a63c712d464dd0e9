import CAllocationCounter
import SpiderCore
import SpiderPhantom
import SpiderSupport
import SpiderTensor
import SpiderTestSupport
import SpiderTraining
import Testing

/// The training step as a whole: it repeats its bits, and takes no memory.
@Suite struct StepEngineTests {
  private static let configuration: TrainingConfiguration = {
    var configuration = Preset.quick.configuration
    configuration.model = tinyModel().description
    configuration.model.architecture.encoderWidths = [8, 12]
    configuration.model.architecture.hiddenWidths = [96, 80]
    configuration.model.architecture.code = .hash(
      levels: 3, features: 4, tableBits: 8, coarsest: 2, finest: 16)
    configuration.patientsPerStep = 2
    configuration.sampling.count = 2500
    return configuration
  }()

  /// Batches made once, so that a difference is the step's.
  private static let batches: [TrainingBatch] = {
    let patients = [UInt64(1), 2].map { seed in
      let head = HeadPhantom(seed: seed).render(on: .canonical(size: 24))
      return TrainingCase(id: "phantom-\(seed)", isReal: false, ct: head.ct, labels: head.labels)
    }
    let maker = BatchMaker(patients, configuration)
    return (0..<4).compactMap { try? maker.batch(step: $0) }
  }()

  private func engine(_ state: TrainingState) -> StepEngine {
    StepEngine(
      state.model.network, Self.configuration.batchShapes(), loss: Self.configuration.loss,
      gradientLimit: 1)
  }

  private struct Run: Equatable {
    var parameters: [Float]
    var moments: [Float]
    var losses: [Double]
    var norms: [Double]
  }

  private func run(workers: Int) throws -> Run {
    try Parallel.withWorkerCount(workers) {
      var state = TrainingState(Self.configuration)
      let engine = engine(state)
      let reports = try Self.batches.map { try engine.step(&state, $0, learningRate: 1e-3) }
      return Run(
        parameters: state.model.parameters.storage.values,
        moments: state.adam.second.storage.values, losses: reports.map(\.loss.total),
        norms: reports.map(\.gradientNorm))
    }
  }

  @Test(arguments: [1, 2, 3]) func stepsRepeatTheirBits(_ workers: Int) throws {
    try #require(Self.batches.count == 4)
    let first = try run(workers: workers)
    #expect(first.losses.allSatisfy { $0.isFinite } && first.norms.allSatisfy { $0 > 0 })
    for _ in 0..<6 {
      let same = try run(workers: workers) == first
      #expect(same, "another run of \(workers) workers gave other numbers")
    }
  }

  /// The workers' sums are rounded otherwise; four steps later the losses still agree to that.
  @Test(arguments: [2, 3]) func theWorkersDoNotChangeTheSteps(_ workers: Int) throws {
    let (one, several) = (try run(workers: 1), try run(workers: workers))
    expectClose(several.losses, one.losses, rtol: 1e-4, atol: 0, "losses")
    expectClose(several.norms, one.norms, rtol: 1e-3, atol: 0, "gradient norms")
  }

  /// A step works in the memory planned for it. Lists of slices, closures and the sums of the loss over
  /// a thousand points are small and come and go, as do the 2304 bytes that OpenBLAS takes for a small
  /// product where there is AVX-512; an activation, a gradient or a worker's scratch would
  /// be larger than all of these. With one worker all work is done on this thread, the one whose memory
  /// is counted; several do the same work.
  @Test(.enabled(if: allocations_can_be_counted() != 0, "allocations cannot be counted here"))
  func aStepTakesNoMemory() throws {
    try Parallel.withWorkerCount(1) {
      var state = TrainingState(Self.configuration)
      let engine = engine(state)
      // What is made once, by the first use, such as the buffers of BLAS.
      _ = try engine.step(&state, Self.batches[1], learningRate: 1e-3)
      allocations_start()
      _ = try engine.step(&state, Self.batches[0], learningRate: 1e-3)
      let taken = allocations_stop()
      print("a step: \(taken.count) allocations, \(taken.bytes) bytes, at most \(taken.largest)")
      #expect(taken.largest < 4096, "\(taken.largest) bytes at once")
    }
  }

  /// The count sees what the test above looks for: memory of numbers, and a list.
  @Test(.enabled(if: allocations_can_be_counted() != 0, "allocations cannot be counted here"))
  func theCountSeesMemory() {
    allocations_start()
    let numbers = FloatSlice.scratch(2048)
    let slices = allocations_stop()
    allocations_start()
    let list = numbers.array
    let arrays = allocations_stop()
    #expect(slices.largest >= 8192 && arrays.largest >= 8192 && list.count == 2048)
  }
}
