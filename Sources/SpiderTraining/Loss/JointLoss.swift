import Foundation
import SpiderCore

/// The joint loss of intensity and structure: L1 on intensity, cross-entropy and soft Dice on the
/// tissue class (SPIDER learns both at once; its structure prior is this supervision).
///
/// Shape letters: P points of the whole batch, K classes. Points labelled `LabelScheme.unknown` count
/// for intensity only; points labelled `LabelScheme.outsideScan` count for nothing.
public struct JointLoss: Sendable {
  /// How much each term counts.
  public let weights: LossWeights

  /// Builds the loss.
  public init(weights: LossWeights) { self.weights = weights }

  /// The terms and the gradients of the weighted sum by intensity (P) and logits (P, K).
  public struct Value: Sendable {
    /// The terms.
    public var terms: LossTerms
    /// d total / d intensity, (P).
    public var intensityGradient: Tensor
    /// d total / d logits, (P, K).
    public var logitsGradient: Tensor
  }

  /// Evaluates the loss of answers against the truth.
  public func callAsFunction(
    intensity: Tensor, logits: Tensor, trueIntensity: Tensor, labels: [UInt8]
  ) -> Value {
    let points = labels.count
    let classes = logits.count / max(1, points)
    precondition(
      intensity.count == points && trueIntensity.count == points
        && classes * points == logits.count,
      "\(intensity.count) intensities and \(logits.count) logits for \(points) labels")

    var intensityGradient = Tensor([points])
    let l1 = absoluteError(intensity, trueIntensity, labels, &intensityGradient)
    var logitsGradient = Tensor([points, classes])
    let structure = structureTerms(logits, labels, classes, &logitsGradient)
    let total =
      weights.intensity * l1 + weights.crossEntropy * structure.crossEntropy
      + weights.dice * structure.dice
    return Value(
      terms: LossTerms(
        intensity: l1, crossEntropy: structure.crossEntropy, dice: structure.dice, total: total),
      intensityGradient: intensityGradient, logitsGradient: logitsGradient)
  }

  private func absoluteError(
    _ intensity: Tensor, _ truth: Tensor, _ labels: [UInt8], _ gradient: inout Tensor
  ) -> Double {
    let (x, y) = (intensity.values, truth.values)
    let known = labels.lazy.filter { $0 != LabelScheme.outsideScan }.count
    guard known > 0 else { return 0 }
    let step = Float(weights.intensity / Double(known))
    var sum = 0.0
    var slope = [Float](repeating: 0, count: labels.count)
    for p in labels.indices where labels[p] != LabelScheme.outsideScan {
      let difference = x[p] - y[p]
      sum += Double(abs(difference))
      slope[p] = difference > 0 ? step : difference < 0 ? -step : 0
    }
    gradient.mutableSlice().copy(from: slope)
    return sum / Double(known)
  }

  /// Cross-entropy and soft Dice.
  ///
  /// With q the softmax and t the one-hot truth over the labelled points, Dice of class k is
  /// D_k = (2 sum q t + 1) / (sum q + sum t + 1); classes that do not occur are left out of the mean.
  /// dD_k/dq = (2 t - D_k) / (sum q + sum t + 1), and through the softmax
  /// dL/dz_k = q_k (dL/dq_k - sum_j q_j dL/dq_j).
  private func structureTerms(
    _ logits: Tensor, _ labels: [UInt8], _ classes: Int, _ gradient: inout Tensor
  ) -> (crossEntropy: Double, dice: Double) {
    var q = logits.values
    var (overlap, predicted, present) = (
      [Double](repeating: 0, count: classes), [Double](repeating: 0, count: classes),
      [Double](repeating: 0, count: classes)
    )
    var crossEntropy = 0.0
    var known = 0
    for p in labels.indices where Int(labels[p]) < classes {
      let row = p * classes
      var top = q[row]
      for k in 1..<classes { top = max(top, q[row + k]) }
      let truth = Int(labels[p])
      let score = q[row + truth] - top
      var sum: Float = 0
      for k in 0..<classes {
        q[row + k] = exp(q[row + k] - top)
        sum += q[row + k]
      }
      for k in 0..<classes {
        q[row + k] /= sum
        predicted[k] += Double(q[row + k])
      }
      overlap[truth] += Double(q[row + truth])
      present[truth] += 1
      crossEntropy += log(Double(sum)) - Double(score)
      known += 1
    }
    guard known > 0 else { return (0, 0) }

    let scored = (0..<classes).filter { present[$0] > 0 }
    var dice = [Double](repeating: 0, count: classes)
    var share = [Float](repeating: 0, count: classes)  // d(weighted Dice loss)/dq = share (D - 2 t)
    for k in scored {
      let size = predicted[k] + present[k] + 1
      dice[k] = (2 * overlap[k] + 1) / size
      share[k] = Float(weights.dice / (size * Double(scored.count)))
    }
    let entropyStep = Float(weights.crossEntropy / Double(known))
    var slope = [Float](repeating: 0, count: q.count)
    for p in labels.indices where Int(labels[p]) < classes {
      let row = p * classes
      let truth = Int(labels[p])
      var mean: Float = 0
      for k in 0..<classes {
        let byProbability = share[k] * (Float(dice[k]) - (k == truth ? 2 : 0))
        slope[row + k] = byProbability
        mean += q[row + k] * byProbability
      }
      for k in 0..<classes {
        slope[row + k] =
          q[row + k] * (slope[row + k] - mean) + entropyStep * (q[row + k] - (k == truth ? 1 : 0))
      }
    }
    gradient.mutableSlice().copy(from: slope)
    let meanDice = scored.reduce(0) { $0 + dice[$1] } / Double(scored.count)
    return (crossEntropy / Double(known), 1 - meanDice)
  }
}
