import SpiderCore
import SpiderSupport
import SpiderTensor

/// The distance between the features of two images, pixel by pixel: both are brought to length one along their
/// channels, and the squares of the differences are added up with a weight a channel, then averaged.
enum FeatureDistance {
  /// The least length, against division by zero.
  private static let least: Float = 1e-10

  /// The distance, mean over images and pixels, of features (N, C, H, W), and its gradient for the first.
  static func between(
    _ x: Tensor, _ y: Tensor, weights: FloatSlice
  ) -> (distance: Double, gradient: Tensor) {
    precondition(x.shape == y.shape && weights.count == x.shape[1], "\(x.shape) and \(y.shape)")
    let (images, channels, plane) = (x.shape[0], x.shape[1], x.shape[2] * x.shape[3])
    var gradient = Tensor(uninitialized: x.shape)
    let memory = gradient.mutableSlice()
    let sums = FloatSlice.scratch(images * plane)
    let share = 1 / Float(images * plane)
    Parallel.forEachWorker(splitting: images * plane) { _, range in
      for place in range {
        let start = place / plane * channels * plane + place % plane
        func numbers(_ tensor: Tensor) -> [Float] {
          (0..<channels).map { tensor.slice[start + $0 * plane] }
        }
        let (a, b) = (numbers(x), numbers(y))
        let (first, second) = (length(a), length(b))
        var sum: Float = 0
        var along: Float = 0
        var slopes = [Float](repeating: 0, count: channels)
        for c in 0..<channels {
          let difference = a[c] / (first + least) - b[c] / (second + least)
          sum += weights[c] * difference * difference
          slopes[c] = 2 * weights[c] * difference * share
          along += slopes[c] * a[c]
        }
        sums[place] = sum
        // Of a length of zero the published gradient is no number; here it is none.
        let inverse = 1 / (first + least)
        let turn = first > 0 ? along * inverse * inverse / first : 0
        for c in 0..<channels {
          memory[start + c * plane] = first > 0 ? slopes[c] * inverse - a[c] * turn : 0
        }
      }
    }
    let total = sums.array.reduce(0.0) { $0 + Double($1) }
    return (total / Double(images * plane), gradient)
  }

  private static func length(_ numbers: [Float]) -> Float {
    numbers.reduce(0) { $0 + $1 * $1 }.squareRoot()
  }
}
