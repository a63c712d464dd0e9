import SpiderCore

/// Means over the steps since the last line of the log.
struct RecentSteps {
  private var count = 0.0
  private var terms = LossTerms(intensity: 0, crossEntropy: 0, dice: 0, total: 0)
  private var gradientNorm = 0.0

  mutating func add(_ report: StepEngine.Report) {
    count += 1
    terms.intensity += report.loss.intensity
    terms.crossEntropy += report.loss.crossEntropy
    terms.dice += report.loss.dice
    terms.total += report.loss.total
    gradientNorm += report.gradientNorm
  }

  func line(
    _ state: TrainingState, weights: LossWeights, rate: Double,
    validation: EvaluationSummary.Means?
  ) -> LogLine {
    let n = max(1, count)
    return LogLine(
      step: state.step, samples: state.samples, seconds: state.seconds,
      loss: LossTerms(
        intensity: terms.intensity / n, crossEntropy: terms.crossEntropy / n,
        dice: terms.dice / n, total: terms.total / n), weights: weights, learningRate: rate,
      gradientNorm: gradientNorm / n, validation: validation)
  }
}
