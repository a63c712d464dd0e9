import SpiderCore
import SpiderEvaluation

/// Means over the steps since the last line of the log.
struct RecentSteps<Loss: LossReport> {
  private var count = 0.0
  private var sum = Loss.zero
  private var gradientNorm = 0.0

  mutating func add(_ report: StepReport<Loss>) {
    count += 1
    sum.add(report.loss)
    gradientNorm += report.gradientNorm
  }

  func line<Weights>(
    _ state: some RunState, weights: Weights, rate: Double,
    validation: EvaluationSummary.Means?
  ) -> LogLine<Loss, Weights> {
    let share = 1 / max(1, count)
    var mean = sum
    mean.scale(by: share)
    return LogLine(
      step: state.step, samples: state.samples, seconds: state.seconds, loss: mean,
      weights: weights, learningRate: rate, gradientNorm: gradientNorm * share,
      validation: validation)
  }
}
