import SpiderCore
import SpiderSupport
import SpiderTensor

/// The convolutions of VGG16 (Simonyan & Zisserman, ICLR 2015) that LPIPS looks through: five stages of
/// 3x3 convolutions, halved between, and what each stage ends in.
///
/// Parameters have the names that torchvision and LPIPS give them; any widths will do.
struct PerceptualNetwork: Sendable {
  /// Convolutions of each stage.
  static let depths = [2, 2, 3, 3, 3]

  /// Names and places of the parameters.
  let layout: ParameterLayout
  /// The weight (1, C, 1, 1) of every channel of each stage in the distance.
  let channelWeights: [Parameter]
  private let stages: [[TapedConvolution]]

  /// Builds it with the channels of each stage: 64, 128, 256, 512, 512 as published.
  init(widths: [Int]) {
    precondition(widths.count == Self.depths.count, "\(widths.count) stages")
    var builder = LayerBuilder(initializer: .normal(0.02))
    var channels = 3
    stages = Self.names.enumerated().map { stage, names in
      names.map { name in
        defer { channels = widths[stage] }
        return TapedConvolution(
          image: name, inputChannels: channels, outputChannels: widths[stage], &builder)
      }
    }
    channelWeights = widths.enumerated().map { stage, width in
      builder.layout.add("lin\(stage).model.1.weight", [1, width, 1, 1], .constant(1))
    }
    layout = builder.layout
  }

  /// The convolutions' names by stage: places in a list that also counts ReLUs and max pools.
  static var names: [[String]] {
    var place = 0
    return depths.map { depth in
      defer { place += 2 * depth + 1 }
      return (0..<depth).map { "features.\(place + 2 * $0)" }
    }
  }

  /// Images (N, 3, H, W), sides multiples of 16, to the features (N, C, H / 2^s, W / 2^s) of the stages.
  func callAsFunction(_ images: Activation, _ tape: Tape) -> [Activation] {
    var (x, features) = (images, [Activation]())
    for stage in stages {
      if !features.isEmpty { x = MaxPool.of(x, above: 0, tape) }
      for convolution in stage { x = Elementwise.relu(convolution(x, tape), tape) }
      features.append(x)
    }
    return features
  }
}

/// How far apart the features of two images are, pixel by pixel: both are brought to length one along their
/// channels, and the squares of the differences are added up with a weight a channel, then averaged.
enum FeatureDistance {
  /// What the length is never below.
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
