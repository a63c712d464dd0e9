import SpiderCore
import SpiderSupport
import SpiderTensor

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

  /// Points that one worker takes at once. The sums of the blocks are added up in order, so the loss
  /// is the same for any number of workers.
  private static let block = 1024

  /// The terms, of answers against the truth. The gradients of their weighted sum by intensity (P) and
  /// logits (P, K) take the places of these.
  package func callAsFunction(
    intensity: FloatSlice, logits: FloatSlice, trueIntensity: FloatSlice, labels: [UInt8]
  ) -> LossTerms {
    let points = labels.count
    let classes = logits.count / max(1, points)
    precondition(
      intensity.count == points && trueIntensity.count == points
        && classes * points == logits.count,
      "\(intensity.count) intensities and \(logits.count) logits for \(points) labels")
    let l1 = absoluteError(intensity, trueIntensity, labels)
    let structure = structureTerms(logits, labels, classes)
    let total =
      weights.intensity * l1 + weights.crossEntropy * structure.crossEntropy
      + weights.dice * structure.dice
    return LossTerms(
      intensity: l1, crossEntropy: structure.crossEntropy, dice: structure.dice, total: total)
  }

  private func absoluteError(
    _ intensity: FloatSlice, _ truth: FloatSlice, _ labels: [UInt8]
  ) -> Double {
    let known = labels.lazy.filter { $0 != LabelScheme.outsideScan }.count
    let step = known > 0 ? weights.intensity / Double(known) : 0
    let sums = forEachBlock(labels) { range, labels in
      LossKernels.absoluteError(
        intensity.part(range.lowerBound, range.count), truth.part(range.lowerBound, range.count),
        labels, leftOut: LabelScheme.outsideScan, step: Float(step))
    }
    return known > 0 ? sums.reduce(0, +) / Double(known) : 0
  }

  /// Cross-entropy and soft Dice.
  ///
  /// With q the softmax and t the one-hot truth over the labelled points, Dice of class k is
  /// D_k = (2 sum q t + 1) / (sum q + sum t + 1); classes that do not occur are left out of the mean.
  /// dD_k/dq = (2 t - D_k) / (sum q + sum t + 1), and through the softmax
  /// dL/dz_k = q_k (dL/dq_k - sum_j q_j dL/dq_j).
  private func structureTerms(
    _ logits: FloatSlice, _ labels: [UInt8], _ classes: Int
  ) -> (crossEntropy: Double, dice: Double) {
    let sums = forEachBlock(labels) { range, labels in
      LossKernels.softmax(
        logits.part(range.lowerBound * classes, range.count * classes), labels, classes: classes)
    }.reduce(into: LossKernels.SoftmaxSums(classes: classes)) { $0.add($1) }
    let known = sums.present.reduce(0, +)
    let scored = (0..<classes).filter { sums.present[$0] > 0 }
    var dice = [Double](repeating: 0, count: classes)
    var share = [Float](repeating: 0, count: classes)  // d(weighted Dice loss)/dq = share (D - 2 t)
    for k in scored {
      let size = sums.predicted[k] + sums.present[k] + 1
      dice[k] = (2 * sums.overlap[k] + 1) / size
      share[k] = Float(weights.dice / (size * Double(scored.count)))
    }
    let (shares, coefficients) = (share, dice.map(Float.init))
    let entropyStep = Float(weights.crossEntropy / max(1, known))
    _ = forEachBlock(labels) { range, labels in
      LossKernels.softmaxBackward(
        logits.part(range.lowerBound * classes, range.count * classes), labels, share: shares,
        dice: coefficients, entropyStep: entropyStep)
    }
    guard known > 0 else { return (0, 0) }
    let meanDice = scored.reduce(0) { $0 + dice[$1] } / Double(scored.count)
    return (sums.crossEntropy / known, 1 - meanDice)
  }

  /// What `body` makes of each block of points and its labels, in order.
  private func forEachBlock<Value: Sendable>(
    _ labels: [UInt8], _ body: @Sendable (Range<Int>, ArraySlice<UInt8>) -> Value
  ) -> [Value] {
    let blocks = (labels.count + Self.block - 1) / Self.block
    return Parallel.map(blocks) { index in
      let range = index * Self.block..<min((index + 1) * Self.block, labels.count)
      return body(range, labels[range])
    }
  }
}
