import SpiderCore
import SpiderSupport
import SpiderTensor

/// A loss and its gradient with respect to what it judges.
public struct LossTerm: Sendable {
  /// The loss.
  public let value: Double
  /// Of the shape of what is judged.
  package let gradient: Tensor

  /// `weight` times the mean of (x - target)^2.
  package static func squaredDistance(
    _ x: Tensor, to target: Float, weight: Double
  ) -> LossTerm {
    squaredDistance(x, weight: weight) { _ in target }
  }

  /// `weight` times the mean of (x - y)^2.
  package static func squaredDistance(_ x: Tensor, to y: Tensor, weight: Double) -> LossTerm {
    precondition(x.count == y.count, "shapes \(x.shape) and \(y.shape)")
    let truth = y.slice
    return squaredDistance(x, weight: weight) { truth[$0] }
  }

  private static func squaredDistance(
    _ x: Tensor, weight: Double, _ target: (Int) -> Float
  ) -> LossTerm {
    var gradient = Tensor(uninitialized: x.shape)
    let from = x.span
    var to = gradient.mutableSpan
    let step = 2 * weight / Double(x.count)
    var sum = 0.0
    for index in 0..<x.count {
      let difference = Double(from[index]) - Double(target(index))
      sum += difference * difference
      to[index] = Float(step * difference)
    }
    return LossTerm(value: weight * sum / Double(x.count), gradient: gradient)
  }

  /// `weight` times the mean, over the axes D, H and W, of the mean absolute difference between the
  /// parallel projections of |x| and |y| along the axis. Volumes (N, 1, D, H, W).
  package static func projections(_ x: Tensor, _ y: Tensor, weight: Double) -> LossTerm {
    let terms = Parallel.map(3) { projection(x, y, axis: 2 + $0, weight: weight / 3) }
    var gradient = terms[0].gradient
    let sum = gradient.mutableSlice()
    for term in terms.dropFirst() { Elements.add(term.gradient.slice, to: sum) }
    return LossTerm(value: terms.reduce(0) { $0 + $1.value }, gradient: gradient)
  }

  /// `weight` times the mean absolute difference of the projections along one axis: means of |x| and
  /// |y| along it.
  package static func projection(_ x: Tensor, _ y: Tensor, axis: Int, weight: Double) -> LossTerm {
    let s = x.shape
    precondition(x.count == y.count && s.count == 5, "shapes \(s) and \(y.shape)")
    let inner = s[(axis + 1)...].reduce(1, *)
    let (length, pixels) = (s[axis], x.count / s[axis])
    var gradient = Tensor(uninitialized: s)
    let from = x.span
    let truth = y.span
    var to = gradient.mutableSpan
    let step = weight / Double(pixels) / Double(length)
    var total = 0.0
    for pixel in 0..<pixels {
      let start = pixel / inner * length * inner + pixel % inner
      var difference = 0.0
      for place in 0..<length {
        let index = start + place * inner
        difference += Double(abs(from[index])) - Double(abs(truth[index]))
      }
      difference /= Double(length)
      total += abs(difference)
      let slope = difference > 0 ? step : difference < 0 ? -step : 0
      for place in 0..<length {
        let index = start + place * inner
        let value = from[index]
        to[index] = Float(value > 0 ? slope : value < 0 ? -slope : 0)
      }
    }
    return LossTerm(value: weight * total / Double(pixels), gradient: gradient)
  }
}
