import Foundation
import SpiderCore
import SpiderEvaluation
import SpiderPhantom
import SpiderTensor
import SpiderTestSupport
import SpiderTraining
import Testing

/// The head of uncertainty learns from the network's errors alone, and its intervals hold what they should.
@Suite struct UncertaintyFitTests {
  private func patients(_ seeds: [UInt64]) -> [TrainingCase] {
    seeds.map { seed in
      let head = HeadPhantom(seed: seed).render(on: .canonical(size: 24))
      return TrainingCase(id: "phantom-\(seed)", isReal: false, ct: head.ct, labels: head.labels)
    }
  }

  private func configuration(_ model: SpiderModel) -> TrainingConfiguration {
    var configuration = TrainingConfiguration(model: model.description)
    configuration.patientsPerStep = 2
    configuration.sampling.count = 512
    return configuration
  }

  @Test func theGradientAgreesWithDifferences() {
    let (points, inputs) = (20, 6)
    let hidden = Tensor([points, inputs], randomValues(points * inputs, seed: 1))
    let errors = randomValues(points, seed: 2).enumerated().map { index, value in
      index % 5 == 0 ? nil : abs(value)
    }
    // Scales within their limits.
    let first = randomValues(inputs + 1, seed: 3, scale: 0.2)
    func loss(_ numbers: [Float]) -> (value: Double, gradient: [Float]) {
      LaplaceLikelihood.loss(
        UncertaintyHead(weights: Array(numbers.dropLast()), bias: numbers[inputs], factor: 1),
        hidden: hidden.slice, errors: errors)
    }
    expectGradient(
      loss(first).gradient, of: { loss($0).value }, at: first, step: 1e-3, "weights and bias")
  }

  /// The mean of e / b + log b is least where b is the mean error.
  @Test func aConstantScaleIsTheMeanError() {
    let errors: [Float?] = [0.1, 0.3, nil, 0.2]
    let hidden = Tensor([4, 1])
    func loss(_ scale: Float) -> Double {
      LaplaceLikelihood.loss(
        UncertaintyHead(inputs: 1, scale: scale), hidden: hidden.slice, errors: errors
      ).value
    }
    expectClose(loss(0.2), 1 + log(0.2), atol: 1e-6)
    #expect(loss(0.2) < loss(0.19) && loss(0.2) < loss(0.21))
  }

  @Test func aFittedHeadFollowsTheErrors() throws {
    let model = tinyModel(size: 32)
    let fit = UncertaintyFit(
      model, training: CaseLibrary(patients([1, 2, 3])), configuration(model))
    let head = try fit.head(steps: 60)
    #expect(head.factor == 1 && head.weights.contains { $0 != 0 })
    // Where the head says more, the errors of unseen patients are larger.
    var fitted = model
    fitted.uncertainty = head
    let patient = patients([4])[0].patient
    let seen = try UncertaintyCalibration(fitted, size: 24)(1, patient: { _ in patient })
    #expect((0.05...20).contains(seen.factor), "\(seen.factor)")
    let again = try fit.head(steps: 60)
    #expect(again == head, "the same bits")
  }

  /// Three patients whose ratios are known: with the factor of the pooled shares, and of the others.
  @Test func theFactorHoldsTheShareThatWasAskedFor() {
    let one = (1...100).map { Float($0) / 100 }
    let two = one.map { 2 * $0 }
    let factor = UncertaintyCalibration.factor(holding: 0.9, of: [one, two])
    // One holds all its ratios at 1, two then half of them: 0.8 of two must be held, and that is at 1.6.
    expectClose(factor, 1.6, rtol: 1e-5, atol: 0)
    #expect(UncertaintyCalibration.share(of: one, within: 0.505) == 0.5)
    #expect(UncertaintyCalibration.share(of: one, within: 0) == 0)
    #expect(UncertaintyCalibration.share(of: [], within: 1) == 0)
  }
}
