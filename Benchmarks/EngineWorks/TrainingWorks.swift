import SpiderCore
import SpiderPhantom
import SpiderTraining

/// One step of training: forward, loss, backward, clipping, optimizer.
enum TrainingWorks {
  static let all = networks + [standardStep, standardBatch, fineBatch, plainBatch, physicsBatch]

  /// The preset `standard`: a step on the batch it prepares, and preparing that batch of four phantoms
  /// of 64^3 voxels.
  private static let standardStep = Work(name: "training step standard", operations: 0) {
    let configuration = TrainingConfiguration()
    let batch = try batches(configuration).batch(step: 0)
    let engine = StepEngine(
      TrainingState(configuration).model.network, [batch.shape], loss: configuration.loss,
      gradientLimit: configuration.gradientLimit)
    return repeated(engine, Box(TrainingState(configuration)), batch)
  }

  private static let standardBatch = batchWork("training batch standard", TrainingConfiguration())

  /// The same of patients of 128^3 voxels, as `spider prepare` makes them by default.
  private static let fineBatch = batchWork(
    "training batch standard 128", TrainingConfiguration(), size: 128)

  /// The same without physics.
  private static let plainBatch: Work = {
    var configuration = TrainingConfiguration()
    configuration.augmentation.physics.share = 0
    return batchWork("training batch plain", configuration)
  }()

  /// The same with all of the X-rays' physics in every one.
  private static let physicsBatch: Work = {
    var configuration = TrainingConfiguration()
    configuration.augmentation.physics.share = 1
    return batchWork("training batch physics", configuration)
  }()

  private static func batchWork(
    _ name: String, _ configuration: TrainingConfiguration, size: Int = 64
  ) -> Work {
    Work(name: name, operations: 0) { preparedBatches(batches(configuration, size: size)) }
  }

  private static func preparedBatches(_ maker: BatchMaker) -> () -> Void {
    var step = 0
    return {
      do {
        consume(try maker.batch(step: step))
      } catch {
        preconditionFailure("a batch of phantoms: \(error)")
      }
      step += 1
    }
  }

  private static func batches(
    _ configuration: TrainingConfiguration, size: Int = 64
  ) -> BatchMaker {
    let patients = (4000..<4004).map { seed in
      let head = HeadPhantom(seed: UInt64(seed)).render(on: .canonical(size: size))
      return TrainingCase(id: "\(seed)", isReal: false, ct: head.ct, labels: head.labels)
    }
    return BatchMaker(patients, configuration)
  }

  private static func repeated(
    _ engine: StepEngine, _ box: Box, _ batch: TrainingBatch
  ) -> () -> Void {
    {
      do {
        consume(try engine.step(&box.state, batch, learningRate: 1e-4))
      } catch {
        preconditionFailure("a step on fixed inputs: \(error)")
      }
    }
  }

  private static let networks: [Work] = BenchmarkNetwork.widths.map { width in
    Work(name: "training step N\(width)", operations: 0) {
      var configuration = TrainingConfiguration()
      configuration.model = BenchmarkNetwork(width: width, code: .paper).model.description
      let state = TrainingState(configuration)
      let batch = try TrainingInputs().batch
      let engine = StepEngine(
        state.model.network, [batch.shape], loss: configuration.loss,
        gradientLimit: configuration.gradientLimit)
      return repeated(engine, Box(state), batch)
    }
  }

  /// The state goes on from run to run, as in training.
  private final class Box {
    var state: TrainingState
    init(_ state: TrainingState) { self.state = state }
  }
}
