import SpiderCore
import SpiderTensor
internal import CSpiderKernels

/// The wrappers of the C kernels of the losses.
package enum LossKernels {
  /// The sums that the structure terms of the loss take from the softmax of some points.
  package struct SoftmaxSums: Sendable {
    /// Points of known class, by their true class; here and below each counts by its weight.
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
    var numbers: [Double] { present + predicted + overlap + [crossEntropy, narrowed] }

    init(_ numbers: some Collection<Double>, classes: Int) {
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

  /// The weighted sum of |x - truth| over the points whose label is not `leftOut`. Its gradient times `step`
  /// takes the place of x.
  package static func absoluteError(
    _ x: FloatSlice, _ truth: FloatSlice, _ labels: PointLabels, leftOut: UInt8, step: Float
  ) -> Double {
    let points = labels.count
    precondition(x.count == points && truth.count == points, "\(x.count) values, \(points) labels")
    return unsafe labels.withAddresses { labels, weights in
      unsafe spider_absolute_error(
        x.mutableAddress(points), truth.address(points), labels, weights, leftOut, Int64(points),
        step)
    }
  }

  /// The softmax of logits (P, K), in their place, and its sums. Points whose label is neither a class nor a set
  /// of candidates count for nothing.
  package static func softmax(
    _ logits: FloatSlice, _ labels: PointLabels, classes: Int,
    candidates: CandidateClasses? = nil
  ) -> SoftmaxSums {
    precondition(logits.count == labels.count * classes, "\(logits.count) for \(labels.count)")
    var sums = [Double](repeating: 0, count: 3 * classes + 2)
    let points = Int64(labels.count)
    unsafe labels.withAddresses { labels, weights in
      unsafe spider_softmax(
        logits.mutableAddress(logits.count), labels, weights, points, Int32(classes),
        candidates?.numbers(classes), &sums)
    }
    return SoftmaxSums(sums, classes: classes)
  }

  /// The gradient of the structure terms by the logits, in the place of their softmax q, with t the
  /// one-hot truth: q (g - sum q g) + entropyStep (q - t), g = share (dice - 2 t), times the point's weight. Where the label is a set of
  /// candidates it is entropyStep (q - t), t the softmax within the set; where it is none, 0.
  package static func softmaxBackward(
    _ softmax: FloatSlice, _ labels: PointLabels, candidates: CandidateClasses? = nil,
    share: [Float], dice: [Float], entropyStep: Float
  ) {
    let classes = share.count
    precondition(
      softmax.count == labels.count * classes && dice.count == classes,
      "\(softmax.count) for \(labels.count) labels of \(classes) classes")
    let points = Int64(labels.count)
    unsafe labels.withAddresses { labels, weights in
      unsafe spider_softmax_backward(
        softmax.mutableAddress(softmax.count), labels, weights, points, Int32(classes),
        candidates?.numbers(classes), share, dice, entropyStep)
    }
  }
}

extension PointLabels {
  /// Gives `body` the labels, and the weights or null, as C reads them.
  fileprivate func withAddresses<Result>(
    _ body: (UnsafePointer<UInt8>?, UnsafePointer<Float>?) -> Result
  ) -> Result {
    unsafe labels.withUnsafeBufferPointer { labels in
      guard !weights.isEmpty else { return unsafe body(labels.baseAddress, nil) }
      return unsafe weights.withUnsafeBufferPointer { weights in
        unsafe body(labels.baseAddress, weights.baseAddress)
      }
    }
  }
}
