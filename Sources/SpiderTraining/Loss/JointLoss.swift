import SpiderCore
import SpiderSupport
import SpiderTensor
internal import CSpiderKernels

/// The joint loss of intensity and structure: L1 on intensity, cross-entropy and soft Dice on the
/// tissue class (SPIDER learns both at once; its structure prior is this supervision).
///
/// Shape letters: P points of the whole batch, K classes. Points labelled `LabelScheme.unknown` count
/// for intensity only; points labelled `LabelScheme.outsideScan` count for nothing. Points whose label is one of
/// ``CandidateClasses`` count for the cross-entropy with the probability of all classes they may be.
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
  /// - Parameter total: puts the sums over a whole batch in the place of those over its points here,
  ///   where others have the rest of it. Terms and gradients are then those of the whole batch.
  package func callAsFunction(
    intensity: FloatSlice, logits: FloatSlice, trueIntensity: FloatSlice, labels: [UInt8],
    total: (inout [Double]) -> Void = { _ in }
  ) -> LossTerms {
    let points = labels.count
    let classes = logits.count / max(1, points)
    precondition(
      intensity.count == points && trueIntensity.count == points
        && classes * points == logits.count,
      "\(intensity.count) intensities and \(logits.count) logits for \(points) labels")
    var sums = softmax(logits, labels, classes)
    var known = Double(labels.lazy.filter { $0 != LabelScheme.outsideScan }.count)
    var numbers = [known] + sums.numbers
    total(&numbers)
    (known, sums) = (numbers[0], LossKernels.SoftmaxSums(numbers.dropFirst(), classes: classes))
    numbers = [absoluteError(intensity, trueIntensity, labels, known)]
    total(&numbers)
    let l1 = known > 0 ? numbers[0] / known : 0
    let structure = structureTerms(sums, logits, labels, classes)
    return LossTerms(
      intensity: l1, crossEntropy: structure.crossEntropy, dice: structure.dice,
      total: weights.intensity * l1 + weights.crossEntropy * structure.crossEntropy
        + weights.dice * structure.dice)
  }

  /// The sum over the points here; its gradient as a part of the mean over all points that are `known`.
  private func absoluteError(
    _ intensity: FloatSlice, _ truth: FloatSlice, _ labels: [UInt8], _ known: Double
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
    _ logits: FloatSlice, _ labels: [UInt8], _ classes: Int
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
    _ sums: LossKernels.SoftmaxSums, _ logits: FloatSlice, _ labels: [UInt8], _ classes: Int
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
    _ labels: [UInt8], _ body: @Sendable (Range<Int>, ArraySlice<UInt8>) -> Value
  ) -> [Value] {
    let tiles = (labels.count + Self.tile - 1) / Self.tile
    return Parallel.map(tiles) { index in
      let range = index * Self.tile..<min((index + 1) * Self.tile, labels.count)
      return body(range, labels[range])
    }
  }
}

/// The wrappers of the C kernels of the losses.
package enum LossKernels {
  /// The sums that the structure terms of the loss take from the softmax of some points.
  package struct SoftmaxSums: Sendable {
    /// Points of known class, by their true class.
    package private(set) var present: [Double]
    /// Probability given to each class.
    package private(set) var predicted: [Double]
    /// Probability given to each class where it is the true one.
    package private(set) var overlap: [Double]
    /// Cross-entropy, nats.
    package private(set) var crossEntropy = 0.0
    /// Points of which a set of classes is known.
    package private(set) var narrowed = 0.0

    /// The sums of no points.
    package init(classes: Int) {
      present = [Double](repeating: 0, count: classes)
      predicted = present
      overlap = present
    }

    /// All of them, one after the other: what the kernel writes.
    fileprivate var numbers: [Double] { present + predicted + overlap + [crossEntropy, narrowed] }

    fileprivate init(_ numbers: some Collection<Double>, classes: Int) {
      let numbers = Array(numbers)
      present = Array(numbers[..<classes])
      predicted = Array(numbers[classes..<2 * classes])
      overlap = Array(numbers[2 * classes..<3 * classes])
      crossEntropy = numbers[3 * classes]
      narrowed = numbers[3 * classes + 1]
    }

    /// Adds those of other points.
    package mutating func add(_ other: SoftmaxSums) {
      for k in present.indices {
        present[k] += other.present[k]
        predicted[k] += other.predicted[k]
        overlap[k] += other.overlap[k]
      }
      crossEntropy += other.crossEntropy
      narrowed += other.narrowed
    }
  }

  /// The sum of |x - truth| over the points whose label is not `leftOut`. Its gradient times `step`
  /// takes the place of x.
  package static func absoluteError(
    _ x: FloatSlice, _ truth: FloatSlice, _ labels: ArraySlice<UInt8>, leftOut: UInt8, step: Float
  ) -> Double {
    let points = labels.count
    precondition(x.count == points && truth.count == points, "\(x.count) values, \(points) labels")
    return unsafe labels.withUnsafeBufferPointer { labels in
      unsafe spider_absolute_error(
        x.mutableAddress(points), truth.address(points), labels.baseAddress, leftOut, Int64(points),
        step)
    }
  }

  /// The softmax of logits (P, K), in their place, and its sums. Points whose label is neither a class nor a set
  /// of candidates count for nothing.
  package static func softmax(
    _ logits: FloatSlice, _ labels: ArraySlice<UInt8>, classes: Int,
    candidates: CandidateClasses? = nil
  ) -> SoftmaxSums {
    precondition(logits.count == labels.count * classes, "\(logits.count) for \(labels.count)")
    var sums = [Double](repeating: 0, count: 3 * classes + 2)
    unsafe labels.withUnsafeBufferPointer { labels in
      unsafe spider_softmax(
        logits.mutableAddress(logits.count), labels.baseAddress, Int64(labels.count),
        Int32(classes), candidates?.numbers(classes), &sums)
    }
    return SoftmaxSums(sums, classes: classes)
  }

  /// The gradient of the structure terms by the logits, in the place of their softmax q, with t the
  /// one-hot truth: q (g - sum q g) + entropyStep (q - t), g = share (dice - 2 t). Where the label is a set of
  /// candidates it is entropyStep (q - t), t the softmax within the set; where it is none, 0.
  package static func softmaxBackward(
    _ softmax: FloatSlice, _ labels: ArraySlice<UInt8>, candidates: CandidateClasses? = nil,
    share: [Float], dice: [Float], entropyStep: Float
  ) {
    let classes = share.count
    precondition(
      softmax.count == labels.count * classes && dice.count == classes,
      "\(softmax.count) for \(labels.count) labels of \(classes) classes")
    unsafe labels.withUnsafeBufferPointer { labels in
      unsafe spider_softmax_backward(
        softmax.mutableAddress(softmax.count), labels.baseAddress, Int64(labels.count),
        Int32(classes), candidates?.numbers(classes), share, dice, entropyStep)
    }
  }
}
