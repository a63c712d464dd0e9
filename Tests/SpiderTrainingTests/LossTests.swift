import Foundation
import SpiderCore
import SpiderSupport
import SpiderTensor
import SpiderTestSupport
import SpiderTraining
import Testing

@Suite struct LossTests {
  private let labels: [UInt8] = [0, 1, 1, 2, LabelScheme.unknown, LabelScheme.outsideScan, 0, 1]

  @Test func gradientsAgreeWithDifferences() {
    let loss = JointLoss(weights: LossWeights(intensity: 2, crossEntropy: 0.7, dice: 1.3))
    let intensity = randomValues(8, seed: 1)
    let logits = randomValues(32, seed: 2)
    let truth = Tensor([8], randomValues(8, seed: 3))
    func value(_ x: [Float], _ z: [Float]) -> (terms: LossTerms, x: [Float], z: [Float]) {
      var (x, z) = (Tensor([8], x), Tensor([8, 4], z))
      let terms = loss(
        intensity: x.mutableSlice(), logits: z.mutableSlice(), trueIntensity: truth.slice,
        labels: labels)
      return (terms, x.values, z.values)
    }
    let result = value(intensity, logits)
    expectGradient(
      result.x, of: { value($0, logits).terms.total }, at: intensity, step: 1e-3, "intensity")
    expectGradient(
      result.z, of: { value(intensity, $0).terms.total }, at: logits, step: 1e-3, "logits")
    // Unknown structure: intensity only. Outside the scan: nothing.
    #expect(result.z[16..<24].allSatisfy { $0 == 0 })
    #expect(result.x[4] != 0 && result.x[5] == 0)
  }

  /// A point that counts three times is three points, in every term and in the gradients.
  @Test func weightsCountAsSoManyPoints() {
    let loss = JointLoss(
      weights: LossWeights(intensity: 2, crossEntropy: 0.7, dice: 1.3),
      candidates: CandidateClasses(.head))
    let labels = labels + [CandidateClasses.Kind.bone.rawValue]
    let (times, classes) = ([1, 3, 2, 1, 4, 2, 1, 1, 3], LabelScheme.head.count)
    let intensity = randomValues(9, seed: 1)
    let (logits, truth) = (randomValues(9 * classes, seed: 2), randomValues(9, seed: 3))
    func run(_ points: [Int], weights: [Float]) -> (terms: LossTerms, x: [Float], z: [Float]) {
      var x = Tensor([points.count], points.map { intensity[$0] })
      var z = Tensor(
        [points.count, classes],
        points.flatMap { logits[$0 * classes..<($0 + 1) * classes] })
      let terms = loss(
        intensity: x.mutableSlice(), logits: z.mutableSlice(),
        trueIntensity: Tensor([points.count], points.map { truth[$0] }).slice,
        labels: points.map { labels[$0] }, weights: weights)
      return (terms, x.values, z.values)
    }
    let weighted = run(Array(0..<9), weights: times.map(Float.init))
    let repeated = run((0..<9).flatMap { [Int](repeating: $0, count: times[$0]) }, weights: [])
    expectClose(weighted.terms.intensity, repeated.terms.intensity, rtol: 1e-6, atol: 0)
    expectClose(weighted.terms.crossEntropy, repeated.terms.crossEntropy, rtol: 1e-6, atol: 0)
    expectClose(weighted.terms.dice, repeated.terms.dice, rtol: 1e-6, atol: 0)
    var first = 0
    for point in 0..<9 {
      let own = Array(weighted.z[point * classes..<(point + 1) * classes])
      let each = repeated.z[first * classes..<(first + 1) * classes]
      expectClose(own, each.map { Double($0) * Double(times[point]) }, rtol: 1e-5, atol: 1e-8)
      expectClose(
        [weighted.x[point]], [Double(repeated.x[first]) * Double(times[point])], rtol: 1e-6, atol: 0
      )
      first += times[point]
    }
    // Without weights all count alike, to the bit.
    let (plain, ones) = (
      run(Array(0..<9), weights: []), run(Array(0..<9), weights: [Float](repeating: 1, count: 9))
    )
    #expect(plain.terms == ones.terms && plain.x == ones.x && plain.z == ones.z)
  }

  @Test func termsOfAHandComputedCase() {
    let loss = JointLoss(weights: LossWeights(intensity: 1, crossEntropy: 1, dice: 1))
    var (x, z) = (Tensor([2], [0.5, 0]), Tensor([2, 2]))
    let terms = loss(
      intensity: x.mutableSlice(), logits: z.mutableSlice(),
      trueIntensity: Tensor([2], [0, 0.1]).slice, labels: [0, 1])
    expectClose(terms.intensity, 0.3, atol: 1e-6)
    expectClose(terms.crossEntropy, log(2.0), atol: 1e-6)
    // Each class: overlap 0.5, predicted 1, present 1: (1 + 1) / 3.
    expectClose(terms.dice, 1 - 2.0 / 3, atol: 1e-6)
  }
}

@Suite struct OptimizerTests {
  /// Three steps of Adam computed from its definition in double.
  @Test func adamFollowsItsDefinition() {
    var layout = ParameterLayout()
    let parameter = layout.add("x", [3], .constant(1))
    var parameters = ParameterArena(layout, seed: 0)
    var settings = Adam.Settings()
    settings.weightDecay = 0.1
    var adam = Adam(layout, settings: settings)
    let gradients: [[Float]] = [[1, -2, 0], [0.5, 1, 0], [-3, 0, 1e-3]]
    var (x, m, v) = ([1.0, 1, 1], [0.0, 0, 0], [0.0, 0, 0])
    for (index, g) in gradients.enumerated() {
      let gradient = Tensor([layout.count], g + [Float](repeating: 0, count: layout.count - 3))
      adam.update(&parameters, gradient: gradient.slice, learningRate: 0.01, scale: 0.5)
      let t = Double(index + 1)
      for i in 0..<3 {
        let gi = 0.5 * Double(g[i])
        m[i] = 0.9 * m[i] + 0.1 * gi
        v[i] = 0.99 * v[i] + 0.01 * gi * gi
        x[i] =
          x[i] * (1 - 0.01 * 0.1) - 0.01 * (m[i] / (1 - pow(0.9, t)))
          / ((v[i] / (1 - pow(0.99, t))).squareRoot() + 1e-8)
      }
    }
    expectClose(parameters[parameter].array, x, rtol: 1e-5, atol: 0)
  }

  @Test func scheduleWarmsUpAndDecays() {
    let schedule = LearningRateSchedule(peak: 1, warmupSteps: 10, finalShare: 0.1)
    expectClose(schedule.rate(step: 0, progress: 0), 0.1, atol: 1e-12)
    expectClose(schedule.rate(step: 9, progress: 0), 1, atol: 1e-12)
    expectClose(schedule.rate(step: 1000, progress: 0.5), 0.55, atol: 1e-12)
    expectClose(schedule.rate(step: 1000, progress: 1), 0.1, atol: 1e-12)
  }

  @Test func clippingLimitsTheNorm() {
    #expect(GradientClipping.scale(norm: 4, limit: 2) == 0.5)
    #expect(GradientClipping.scale(norm: 1, limit: 2) == 1)
    expectClose(GradientClipping.norm(of: Tensor([3], [3, 0, 4]).slice), 5, atol: 1e-12)
    #expect(GradientClipping.norm(of: Tensor([2], [.nan, 0]).slice).isNaN)
    // More than a block of numbers, on any number of workers.
    let long = randomValues(200_001, seed: 1)
    let norms = [1, 2, 3].map { workers in
      Parallel.withWorkerCount(workers) {
        GradientClipping.norm(of: Tensor([200_001], long).slice)
      }
    }
    #expect(norms[1] == norms[0] && norms[2] == norms[0])
    expectClose(norms[0], innerProduct(long, long).squareRoot(), rtol: 1e-12, atol: 0)
  }
}
