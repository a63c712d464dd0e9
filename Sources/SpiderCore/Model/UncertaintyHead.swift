import Foundation

/// The head that says how far a CT number may be off.
///
/// From what the last hidden layer knows of a point, h, it answers with the scale b = exp(w h + c) of a Laplace law
/// about the CT number, in window units. Stretched by ``factor``, that is half the width of an interval which holds
/// the true number in ``coverage`` of a body's voxels: the factor is set on patients that the network has not learned
/// from (conformal calibration), so it does not rest on the law. It is at most the whole window: no answer is further
/// off.
///
/// It is fitted to a trained network and changes nothing of what that answers.
public struct UncertaintyHead: Equatable, Sendable {
  /// The share of a body's voxels that the intervals hold.
  public static let coverage = 0.9
  /// The range of log b. An error is at most 1 in window units.
  package static let logScales: ClosedRange<Float> = -12...1
  /// The limits of ``factor``.
  package static let factors: ClosedRange<Float> = 1e-3...1e3

  /// A weight for each number of the last hidden layer: w.
  package var weights: [Float]
  /// c.
  package var bias: Float
  /// Half an interval's width in scales.
  public var factor: Float

  /// States a head.
  package init(weights: [Float], bias: Float, factor: Float) {
    (self.weights, self.bias, self.factor) = (weights, bias, factor)
  }

  /// A head that knows nothing: the same scale, in window units, everywhere.
  package init(inputs: Int, scale: Float = 0.03) {
    self.init(weights: [Float](repeating: 0, count: inputs), bias: 0, factor: 1)
    bias = log(scale)
  }

  /// Half the width of the interval about a CT number, HU, for what the last hidden layer knows of a point, by its
  /// definition: the reference of the tests.
  package func reference(_ hidden: [Double], window: CTWindow) -> Double {
    let logScale = zip(weights, hidden).reduce(Double(bias)) { $0 + Double($1.0) * $1.1 }
    let bounded = min(
      max(logScale, Double(Self.logScales.lowerBound)), Double(Self.logScales.upperBound))
    return Double(window.high - window.low) * min(1, Double(factor) * exp(bounded))
  }

  /// The reason why no network has such a head of so many inputs, or nil: for numbers that come from a file.
  package func fault(inputs: Int) -> String? {
    guard weights.count == inputs else {
      return "\(weights.count) weights of the uncertainty for \(inputs) inputs"
    }
    guard weights.allSatisfy(\.isFinite), bias.isFinite else {
      return "weights of the uncertainty that are not numbers"
    }
    return Self.factors.contains(factor)
      ? nil
      : "a factor of the uncertainty of \(factor); it must be \(Self.factors.lowerBound) to "
        + "\(Self.factors.upperBound)"
  }
}
