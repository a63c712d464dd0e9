import Foundation
import SpiderCore
import SpiderTensor

/// The likelihood of errors under a Laplace law whose scale the head of uncertainty answers with.
///
/// Of a point with the error e and log b = s = w h + c, the negative log likelihood is e exp(-s) + s, but for a
/// constant; its slope by s is 1 - e exp(-s).
package enum LaplaceLikelihood {
  /// The mean over the points that count, and its gradient by w and c, one after the other.
  ///
  /// - Parameters:
  ///   - hidden: what the last hidden layer knows of each point: (P, inputs).
  ///   - errors: |answer - truth| of each point, window units; nil where nothing is known.
  package static func loss(
    _ head: UncertaintyHead, hidden: FloatSlice, errors: [Float?]
  ) -> (value: Double, gradient: [Float]) {
    let inputs = head.weights.count
    precondition(
      hidden.count == inputs * errors.count, "\(hidden.count) numbers for \(errors.count) points")
    var (value, slopes, bias) = (0.0, [Float](repeating: 0, count: inputs), 0.0)
    for (point, error) in errors.enumerated() {
      guard let error else { continue }
      let row = hidden.part(point * inputs, inputs)
      let free = head.logScale(row)
      let limits = UncertaintyHead.logScales
      let logScale = min(max(free, limits.lowerBound), limits.upperBound)
      let relative = error * exp(-logScale)
      value += Double(relative + logScale)
      // At its limits the scale stays where it is.
      let slope = logScale == free ? 1 - relative : 0
      bias += Double(slope)
      for k in 0..<inputs { slopes[k] += slope * row[k] }
    }
    let share = 1 / Double(max(1, errors.count { $0 != nil }))
    return (share * value, (slopes + [Float(bias)]).map { Float(share) * $0 })
  }
}

extension UncertaintyHead {
  /// The log of the scale for a row of what the last hidden layer knows, before its limits.
  fileprivate func logScale(_ row: FloatSlice) -> Float {
    var sum = bias
    for k in weights.indices { sum += weights[k] * row[k] }
    return sum
  }
}
