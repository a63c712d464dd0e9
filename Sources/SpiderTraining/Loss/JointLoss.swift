import SpiderCore
import SpiderSupport
import SpiderTensor

/// The joint loss of intensity and structure: L1 on intensity, cross-entropy and soft Dice on the
/// tissue class (SPIDER learns both at once; its structure prior is this supervision).
///
/// Shape letters: P points of the whole batch, K classes. Points labelled `LabelScheme.unknown` count
/// for intensity only; points labelled `LabelScheme.outsideScan` count for nothing. Points whose label is one of
/// ``CandidateClasses`` count for the cross-entropy with the probability of all classes they may be. Where points have
/// weights, every sum and mean is a weighted one.
package struct JointLoss: Sendable {
  /// The weights of the terms.
  package let weights: LossWeights
  /// What points without a label may be.
  package let candidates: CandidateClasses?

  /// Builds the loss.
  package init(weights: LossWeights, candidates: CandidateClasses? = nil) {
    self.weights = weights
    self.candidates = candidates
  }

  /// Points that one worker takes at once. The sums of the tiles are added up in order, so the loss
  /// is the same for any number of workers.
  private static let tile = 1024

  /// The terms, of answers against the truth. The gradients of their weighted sum by intensity (P) and
  /// logits (P, K) take the places of these.
  ///
  /// - Parameters:
  ///   - weights: how much each point counts (P); empty: all count alike.
  ///   - total: puts the sums over a whole batch in the place of those over its points here, where others have
  ///     the rest of it. Terms and gradients are then those of the whole batch.
  package func callAsFunction(
    intensity: FloatSlice, logits: FloatSlice, trueIntensity: FloatSlice, labels: [UInt8],
    weights points: [Float] = [], total: (inout [Double]) -> Void = { _ in }
  ) -> LossTerms {
    let truth = PointLabels(labels, weights: points)
    let count = labels.count
    let classes = logits.count / max(1, count)
    precondition(
      intensity.count == count && trueIntensity.count == count
        && classes * count == logits.count,
      "\(intensity.count) intensities and \(logits.count) logits for \(count) labels")
    var sums = softmax(logits, truth, classes)
    var known = truth.weight { $0 != LabelScheme.outsideScan }
    var numbers = [known] + sums.numbers
    total(&numbers)
    (known, sums) = (numbers[0], LossKernels.SoftmaxSums(numbers.dropFirst(), classes: classes))
    numbers = [absoluteError(intensity, trueIntensity, truth, known)]
    total(&numbers)
    let l1 = known > 0 ? numbers[0] / known : 0
    let structure = structureTerms(sums, logits, truth, classes)
    return LossTerms(
      intensity: l1, crossEntropy: structure.crossEntropy, dice: structure.dice,
      total: weights.intensity * l1 + weights.crossEntropy * structure.crossEntropy
        + weights.dice * structure.dice)
  }

  /// The sum over the points here; its gradient as a part of the mean over all points that are `known`.
  private func absoluteError(
    _ intensity: FloatSlice, _ truth: FloatSlice, _ labels: PointLabels, _ known: Double
  ) -> Double {
    let step = known > 0 ? weights.intensity / known : 0
    return forEachTile(labels) { range, labels in
      LossKernels.absoluteError(
        intensity.part(range.lowerBound, range.count), truth.part(range.lowerBound, range.count),
        labels, leftOut: LabelScheme.outsideScan, step: Float(step))
    }.reduce(0, +)
  }

  /// The softmax of the logits, in their place, and its sums over the points here.
  private func softmax(
    _ logits: FloatSlice, _ labels: PointLabels, _ classes: Int
  ) -> LossKernels.SoftmaxSums {
    forEachTile(labels) { range, labels in
      LossKernels.softmax(
        logits.part(range.lowerBound * classes, range.count * classes), labels, classes: classes,
        candidates: candidates)
    }.reduce(into: LossKernels.SoftmaxSums(classes: classes)) { $0.add($1) }
  }

  /// Cross-entropy and soft Dice, from the sums over the whole batch.
  ///
  /// With q the softmax and t the one-hot truth over the labelled points, Dice of class k is
  /// D_k = (2 sum q t + 1) / (sum q + sum t + 1); classes that do not occur are left out of the mean.
  /// dD_k/dq = (2 t - D_k) / (sum q + sum t + 1), and through the softmax
  /// dL/dz_k = q_k (dL/dq_k - sum_j q_j dL/dq_j).
  private func structureTerms(
    _ sums: LossKernels.SoftmaxSums, _ logits: FloatSlice, _ labels: PointLabels, _ classes: Int
  ) -> (crossEntropy: Double, dice: Double) {
    let known = sums.present.reduce(0, +) + sums.narrowed
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
    _ = forEachTile(labels) { range, labels in
      LossKernels.softmaxBackward(
        logits.part(range.lowerBound * classes, range.count * classes), labels,
        candidates: candidates, share: shares, dice: coefficients, entropyStep: entropyStep)
    }
    guard known > 0 else { return (0, 0) }
    let missed = scored.reduce(0) { $0 + 1 - dice[$1] } / Double(max(1, scored.count))
    return (sums.crossEntropy / known, missed)
  }

  /// The values of `body` for each tile of points and its labels, in order.
  private func forEachTile<Value: Sendable>(
    _ labels: PointLabels, _ body: @Sendable (Range<Int>, PointLabels) -> Value
  ) -> [Value] {
    let tiles = (labels.count + Self.tile - 1) / Self.tile
    return Parallel.map(tiles) { index in
      let range = index * Self.tile..<min((index + 1) * Self.tile, labels.count)
      return body(range, labels[range])
    }
  }
}
