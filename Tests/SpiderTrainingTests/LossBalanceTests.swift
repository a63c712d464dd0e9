import Foundation
import SpiderTestSupport
import SpiderTraining
import Testing

/// Weights that tune themselves make every term weigh the same, wherever they begin.
@Suite struct LossBalanceTests {
  private let losses = Self.terms(0.04, 0.4, 0.2)

  private static func terms(
    _ intensity: Double, _ crossEntropy: Double, _ dice: Double
  ) -> LossTerms {
    var terms = LossTerms.zero
    (terms.intensity, terms.crossEntropy, terms.dice) = (intensity, crossEntropy, dice)
    return terms
  }

  private func settled(from weights: LossWeights, steps: Int = 600) -> LossWeights {
    var balance = LossBalance(weights)
    for _ in 0..<steps { balance.follow(losses) }
    return balance.weights
  }

  /// The sum of exp(-s) L + s is least where exp(-s) = 1 / L.
  @Test(arguments: [0.1, 1, 10, 1000]) func weightsSettleAtTheInverseOfTheLosses(_ first: Double) {
    let weights = settled(from: LossWeights(intensity: 1, crossEntropy: first, dice: first))
    expectClose(
      [weights.intensity, weights.crossEntropy, weights.dice], [25, 2.5, 5], rtol: 1e-6, atol: 0)
  }

  @Test func theyBeginWithTheConfigurationsWeights() {
    let weights = LossWeights(intensity: 3, crossEntropy: 0.2, dice: 1e-7)
    let first = LossBalance(weights).weights
    expectClose(
      [first.intensity, first.crossEntropy, first.dice], [3, 0.2, 1e-7], rtol: 1e-9, atol: 0)
  }

  @Test func aTermOfNoWeightStaysOut() {
    let weights = settled(from: LossWeights(intensity: 5, crossEntropy: 0, dice: 1))
    #expect(weights.crossEntropy == 0)
    expectClose(weights.dice, 5, rtol: 1e-6, atol: 0)
  }

  /// A batch without a labelled point has no cross-entropy: that is no reason to weigh it more.
  @Test func aTermWithoutPointsIsNotFollowed() {
    var balance = LossBalance(LossWeights(intensity: 5, crossEntropy: 0.5, dice: 0.5))
    for _ in 0..<1000 {
      balance.follow(Self.terms(0.04, 0, 0))
    }
    expectClose(balance.weights.crossEntropy, 0.5, rtol: 1e-9, atol: 0)
  }

  @Test func oneEnormousLossDoesNotSilenceATerm() {
    var balance = LossBalance(LossWeights(intensity: 1, crossEntropy: 1, dice: 1))
    balance.follow(Self.terms(1e9, 1, 1))
    #expect(balance.weights.intensity > 0.5)
  }

  /// With equal losses a term that does not fall any more weighs less than one that still falls.
  @Test func aTermThatFallsGainsWeight() {
    var balance = LossBalance(LossWeights(intensity: 1, crossEntropy: 1, dice: 1))
    for step in 0..<400 {
      let falling = 0.99.power(step)
      balance.follow(Self.terms(falling, 1, 1))
    }
    #expect(balance.weights.intensity > 20 && abs(balance.weights.dice - 1) < 1e-9)
  }
}

extension Double {
  fileprivate func power(_ exponent: Int) -> Double { pow(self, Double(exponent)) }
}
