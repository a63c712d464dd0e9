import SpiderCore
import SpiderTraining

/// One step of training: forward, loss, backward, clipping, optimizer.
enum TrainingWorks {
  static let all: [Work] = BenchmarkNetwork.widths.map { width in
    Work(name: "training step N\(width)", operations: 0) {
      var configuration = TrainingConfiguration()
      configuration.model = BenchmarkNetwork(width: width, code: .paper).model.description
      let state = TrainingState(configuration)
      let batch = try TrainingInputs().batch
      let engine = StepEngine(
        state.model.network, batch.shape, loss: configuration.loss,
        gradientLimit: configuration.gradientLimit)
      let box = Box(state)
      return {
        do {
          consume(try engine.step(&box.state, batch, learningRate: 1e-4))
        } catch {
          preconditionFailure("a step on fixed inputs: \(error)")
        }
      }
    }
  }

  /// The state goes on from run to run, as in training.
  private final class Box {
    var state: TrainingState
    init(_ state: TrainingState) { self.state = state }
  }
}
