import Foundation
import SpiderCore
import SpiderTestSupport
import SpiderTraining
import Testing

/// The kernels of the loss against their definitions in double.
@Suite struct LossKernelTests {
  private func labels(_ points: Int, classes: Int) -> [UInt8] {
    (0..<points).map { $0 % 5 == 3 ? 255 : UInt8($0 * 7 % classes) }
  }

  @Test(arguments: OddMemory.counts) func absoluteError(_ points: Int) {
    let labels = (0..<points).map { UInt8($0 % 4 == 1 ? 254 : 0) }
    var (x, truth) = (randomValues(points, seed: 1), randomValues(points, seed: 2))
    truth[0] = x[0]
    let values = OddMemory(x)
    let sum = LossKernels.absoluteError(
      values.slice, OddMemory(truth, offset: 1).slice, PointLabels(labels), leftOut: 254, step: 0.25
    )
    let counted = x.indices.filter { labels[$0] != 254 }
    expectClose(
      sum, counted.reduce(0.0) { $0 + abs(Double(x[$1] - truth[$1])) }, rtol: 1e-12, atol: 0)
    let expected = x.indices.map { index -> Float in
      guard labels[index] != 254, x[index] != truth[index] else { return 0 }
      return x[index] > truth[index] ? 0.25 : -0.25
    }
    #expect(values.array == expected && values.isIntact)
    // What is no number stays none, unless it is left out.
    x[points - 1] = .nan
    let spoilt = OddMemory(x)
    let total = LossKernels.absoluteError(
      spoilt.slice, OddMemory(truth).slice, PointLabels(labels), leftOut: 254, step: 1)
    let counts = labels[points - 1] != 254
    #expect(total.isNaN == counts && spoilt.array[points - 1].isNaN == counts)
  }

  @Test(arguments: [1, 2, 3, 7, 8, 17], [1, 2, 13, 33])
  func softmax(classes: Int, points: Int) {
    // Scores from far apart to nearly alike.
    let z = randomValues(points * classes, seed: 1).enumerated().map {
      $0.element * [0.01, 1, 30, 200][$0.offset / classes % 4]
    }
    let labels = labels(points, classes: classes)
    let rows = OddMemory(z)
    let sums = LossKernels.softmax(rows.slice, PointLabels(labels), classes: classes)
    var q = [Double](repeating: 0, count: z.count)
    var present = [Double](repeating: 0, count: classes)
    var (predicted, overlap, entropy) = (present, present, 0.0)
    for p in 0..<points {
      let scores = z[p * classes..<(p + 1) * classes].map(Double.init)
      let top = scores.max() ?? 0
      let total = scores.reduce(0) { $0 + exp($1 - top) }
      for k in 0..<classes { q[p * classes + k] = exp(scores[k] - top) / total }
      guard Int(labels[p]) < classes else { continue }
      let truth = Int(labels[p])
      present[truth] += 1
      overlap[truth] += q[p * classes + truth]
      for k in 0..<classes { predicted[k] += q[p * classes + k] }
      entropy -= scores[truth] - top - log(total)
    }
    // A score's distance from the highest is rounded to 2^-24 of up to 87, the exponential to 2e-7.
    // Below e^-87 there is 0.
    expectClose(rows.array, q, rtol: 6e-6, atol: 1e-30, "softmax")
    #expect(rows.isIntact && sums.present == present)
    expectClose(sums.predicted, predicted, rtol: 1e-6, atol: 1e-7, "predicted")
    expectClose(sums.overlap, overlap, rtol: 1e-6, atol: 1e-7, "overlap")
    expectClose(sums.crossEntropy, entropy, rtol: 1e-6, atol: 1e-6 * Double(points))
  }

  /// A score that is no number spoils its own point's row and the sums, and no other row.
  @Test func softmaxOfNoNumbers() {
    for position in 0..<3 {
      var z = randomValues(15, seed: 1)
      z[6 + position] = .nan
      let rows = OddMemory(z)
      let sums = LossKernels.softmax(rows.slice, PointLabels([0, 1, 2, 0, 1]), classes: 3)
      let spoilt = rows.array.map(\.isNaN)
      #expect(spoilt == (0..<15).map { (6..<9).contains($0) }, "NaN at \(position)")
      #expect(sums.crossEntropy.isNaN && sums.predicted.allSatisfy { $0.isNaN })
    }
  }

  @Test(arguments: [1, 2, 3, 7, 8, 17], [1, 2, 13, 33])
  func softmaxBackward(classes: Int, points: Int) {
    let labels = labels(points, classes: classes)
    let q = randomValues(points * classes, seed: 1).map { abs($0) / Float(classes) }
    let share = randomValues(classes, seed: 2)
    let dice = randomValues(classes, seed: 3)
    let rows = OddMemory(q)
    LossKernels.softmaxBackward(
      rows.slice, PointLabels(labels), share: share, dice: dice, entropyStep: 0.3)
    var expected = [Double](repeating: 0, count: q.count)
    for p in 0..<points where Int(labels[p]) < classes {
      let row = q[p * classes..<(p + 1) * classes].map(Double.init)
      func truth(_ k: Int) -> Double { k == Int(labels[p]) ? 1 : 0 }
      let g = (0..<classes).map { Double(share[$0]) * (Double(dice[$0]) - 2 * truth($0)) }
      let mean = zip(row, g).reduce(0) { $0 + $1.0 * $1.1 }
      for k in 0..<classes {
        expected[p * classes + k] = row[k] * (g[k] - mean) + 0.3 * (row[k] - truth(k))
      }
    }
    expectClose(rows.array, expected, rtol: 1e-5, atol: 1e-5)
    #expect(rows.isIntact)

    var broken = q
    broken[q.count - 1] = .nan
    let spoilt = OddMemory(broken)
    LossKernels.softmaxBackward(
      spoilt.slice, PointLabels(labels), share: share, dice: dice, entropyStep: 0.3)
    let counts = Int(labels[points - 1]) < classes
    let last = spoilt.array[(points - 1) * classes..<points * classes]
    #expect(last.allSatisfy { $0.isNaN == counts })
    #expect(spoilt.array.dropLast(classes).allSatisfy { $0.isFinite })
  }
}
