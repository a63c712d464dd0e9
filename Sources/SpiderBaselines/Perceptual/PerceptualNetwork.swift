import SpiderCore
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
