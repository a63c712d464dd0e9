import SpiderCore
import SpiderTensor

/// Makes training steps: batch forward, joint loss, batch backward, clipped step of the optimizer.
public struct StepEngine: Sendable {
  /// What a step did.
  public typealias Report = StepReport<LossTerms>

  private let loss: JointLoss
  private let gradientLimit: Double
  private let pass: StepWorkspace
  private let pool: GradientPool

  /// Plans the steps of a network on batches of a shape: all the memory they need is allocated here.
  package init(
    _ network: SpiderNetwork, _ shape: TrainingBatch.Shape, loss: LossWeights,
    gradientLimit: Double
  ) {
    self.loss = JointLoss(weights: loss)
    self.gradientLimit = gradientLimit
    pass = network.makeWorkspace(shape)
    pool = GradientPool(network.layout)
  }

  /// Makes one step.
  ///
  /// - Throws: ``TrainingError/diverged(step:)`` when loss or gradient is not a number; the state is
  ///   then as it was before the step.
  package func step(
    _ state: inout TrainingState, _ batch: TrainingBatch, learningRate: Double
  ) throws -> Report {
    let network = state.model.network
    network.forward(batch, pass, state.model.parameters)
    let terms = loss(
      intensity: pass.intensity, logits: pass.logits, trueIntensity: batch.intensity.slice,
      labels: batch.labels)
    pool.zero()
    network.backward(batch, pass, state.model.parameters, pool)
    let gradient = pool.sum()
    let norm = GradientClipping.norm(of: gradient)
    guard terms.isFinite, norm.isFinite else {
      throw TrainingError.diverged(step: state.step + 1)
    }
    state.adam.update(
      &state.model.parameters, gradient: gradient, learningRate: learningRate,
      scale: GradientClipping.scale(norm: norm, limit: gradientLimit))
    state.step += 1
    state.samples += batch.patients
    return Report(loss: terms, gradientNorm: norm)
  }
}
