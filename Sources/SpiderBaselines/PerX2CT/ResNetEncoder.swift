import SpiderCore

/// The image encoder of PerX2CT: a ResNet-101 up to its second group of blocks.
struct ResNetEncoder {
  /// Mean and deviation of the three colours of ImageNet, which the weights come from.
  private static let colours: [(mean: Float, deviation: Float)] = [
    (0.485, 0.229), (0.456, 0.224), (0.406, 0.225),
  ]

  private let first: (convolution: ImageConvolution, norm: Normalization)
  private let blocks: [Bottleneck]
  /// Channels that come out.
  static let outputChannels = 512

  init(_ name: String, _ builder: inout LayerBuilder) {
    first = (
      ImageConvolution(
        "\(name).conv1", inputChannels: 3, outputChannels: 64, kernel: 7, stride: 2, padding: 3,
        hasBias: false, &builder),
      Normalization("\(name).bn1", .batch, channels: 64, &builder)
    )
    var blocks: [Bottleneck] = []
    var channels = 64
    for (group, (width, count)) in [(64, 3), (128, 4)].enumerated() {
      for index in 0..<count {
        blocks.append(
          Bottleneck(
            "\(name).layer\(group + 1).\(index)", inputChannels: channels, width: width,
            stride: index == 0 && group > 0 ? 2 : 1, &builder))
        channels = 4 * width
      }
    }
    self.blocks = blocks
  }

  /// X-rays (N, 1, 128, 128) in [0, 1] to features (N, 512, 16, 16).
  func callAsFunction(_ images: Tensor, _ pass: Pass) -> Activation {
    let start = first.norm(
      first.convolution(Activation(coloured(images), isConstant: true), pass), pass)
    return blocks.reduce(MaxPool.of(start, pass)) { $1($0, pass) }
  }

  /// The grey image as three colours, normalised as ImageNet's.
  private func coloured(_ images: Tensor) -> Tensor {
    let s = images.shape
    precondition(s.count == 4 && s[1] == 1, "X-rays (N, 1, H, W), not \(s)")
    let plane = s[2] * s[3]
    var result = Tensor(uninitialized: [s[0], 3, s[2], s[3]])
    let to = result.mutableSlice()
    for n in 0..<s[0] {
      for (channel, colour) in Self.colours.enumerated() {
        Kernels.scaleShift(
          images.entry(n), scale: 1 / colour.deviation, shift: -colour.mean / colour.deviation,
          relu: false, into: to.part((3 * n + channel) * plane, plane))
      }
    }
    return result
  }
}
