import SpiderTensor
internal import CSpiderKernels

/// The wrappers of the C kernels of the losses.
package enum LossKernels {
  /// What the softmax of some points adds to the structure terms of the loss.
  package struct SoftmaxSums: Sendable {
    /// Points of known class, by their true class.
    package private(set) var present: [Double]
    /// Probability given to each class.
    package private(set) var predicted: [Double]
    /// Probability given to each class where it is the true one.
    package private(set) var overlap: [Double]
    /// Cross-entropy, nats.
    package private(set) var crossEntropy = 0.0

    /// The sums of no points.
    package init(classes: Int) {
      present = [Double](repeating: 0, count: classes)
      predicted = present
      overlap = present
    }

    fileprivate init(_ numbers: [Double], classes: Int) {
      present = Array(numbers[..<classes])
      predicted = Array(numbers[classes..<2 * classes])
      overlap = Array(numbers[2 * classes..<3 * classes])
      crossEntropy = numbers[3 * classes]
    }

    /// Adds those of other points.
    package mutating func add(_ other: SoftmaxSums) {
      for k in present.indices {
        present[k] += other.present[k]
        predicted[k] += other.predicted[k]
        overlap[k] += other.overlap[k]
      }
      crossEntropy += other.crossEntropy
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

  /// The softmax of logits (P, K), in their place, and its sums. Points whose label is no class keep
  /// their logits and count for nothing.
  package static func softmax(
    _ logits: FloatSlice, _ labels: ArraySlice<UInt8>, classes: Int
  ) -> SoftmaxSums {
    precondition(logits.count == labels.count * classes, "\(logits.count) for \(labels.count)")
    var sums = [Double](repeating: 0, count: 3 * classes + 1)
    unsafe labels.withUnsafeBufferPointer { labels in
      unsafe spider_softmax(
        logits.mutableAddress(logits.count), labels.baseAddress, Int64(labels.count),
        Int32(classes),
        &sums)
    }
    return SoftmaxSums(sums, classes: classes)
  }

  /// The gradient of the structure terms by the logits, in the place of their softmax q, with t the
  /// one-hot truth: q (g - sum q g) + entropyStep (q - t), g = share (dice - 2 t). It is 0 where the
  /// label is no class.
  package static func softmaxBackward(
    _ softmax: FloatSlice, _ labels: ArraySlice<UInt8>, share: [Float], dice: [Float],
    entropyStep: Float
  ) {
    let classes = share.count
    precondition(
      softmax.count == labels.count * classes && dice.count == classes,
      "\(softmax.count) for \(labels.count) labels of \(classes) classes")
    unsafe labels.withUnsafeBufferPointer { labels in
      unsafe spider_softmax_backward(
        softmax.mutableAddress(softmax.count), labels.baseAddress, Int64(labels.count),
        Int32(classes),
        share, dice, entropyStep)
    }
  }
}
