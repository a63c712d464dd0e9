import SpiderCore
import SpiderTensor

/// The image encoder of PerX2CT: a ResNet-101 up to its second group of blocks; in the variant "global"
/// also into the third, up to the first convolution of its last block, whose mean is taken.
struct ResNetEncoder {
  /// What it says about X-rays.
  struct Features {
    /// (N, 512, S/8, S/8).
    let local: Activation
    /// (N, 256, 1, 1), in the variant "global".
    let global: Activation?
  }

  /// Mean and deviation of the three colours of ImageNet, which the weights come from.
  private static let colours: [(mean: Float, deviation: Float)] = [
    (0.485, 0.229), (0.456, 0.224), (0.406, 0.225),
  ]

  private let first: (convolution: TapedConvolution, norm: Normalization)
  private let blocks: [Bottleneck]
  /// The third group, cut off within its last block.
  private let deeper: (blocks: [Bottleneck], last: TapedConvolution, norm: Normalization)?
  /// Channels of the local features.
  let localChannels: Int
  /// Channels of the global features; 0 where there are none.
  let globalChannels: Int

  /// `width` channels after the first convolution, 64 as published.
  init(_ name: String, width first: Int, isGlobal: Bool, _ builder: inout LayerBuilder) {
    localChannels = 8 * first
    globalChannels = isGlobal ? 4 * first : 0
    self.first = (
      TapedConvolution(
        image: "\(name).conv1", inputChannels: 3, outputChannels: first, kernel: 7, stride: 2,
        padding: 3,
        hasBias: false, &builder),
      Normalization("\(name).bn1", .batch, channels: first, &builder)
    )
    var blocks: [Bottleneck] = []
    var channels = first
    for (group, (width, count)) in [(first, 3), (2 * first, 4)].enumerated() {
      for index in 0..<count {
        blocks.append(
          Bottleneck(
            "\(name).layer\(group + 1).\(index)", inputChannels: channels, width: width,
            stride: index == 0 && group > 0 ? 2 : 1, &builder))
        channels = 4 * width
      }
    }
    self.blocks = blocks
    guard isGlobal else {
      deeper = nil
      return
    }
    let (width, path) = (globalChannels, "\(name).layer3")
    deeper = (
      (0..<22).map { index in
        defer { channels = 4 * width }
        return Bottleneck(
          "\(path).\(index)", inputChannels: channels, width: width, stride: index == 0 ? 2 : 1,
          &builder)
      },
      TapedConvolution(
        image: "\(path).22.conv1", inputChannels: 4 * width, outputChannels: width, kernel: 1,
        hasBias: false, &builder),
      Normalization("\(path).22.bn1", .batch, channels: width, &builder)
    )
  }

  /// X-rays (N, 1, S, S) in [0, 1] to features.
  func callAsFunction(_ images: Tensor, _ tape: Tape) -> Features {
    let start = first.norm(
      first.convolution(Activation(coloured(images), isConstant: true), tape), tape)
    let local = blocks.reduce(MaxPool.of(start, tape)) { $1($0, tape) }
    let global = deeper.map { deeper in
      let last = deeper.blocks.reduce(local) { $1($0, tape) }
      return GlobalMean.of(deeper.norm(deeper.last(last, tape), tape), tape)
    }
    return Features(local: local, global: global)
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
        Elements.scaleShift(
          images.entry(n), scale: 1 / colour.deviation, shift: -colour.mean / colour.deviation,
          relu: false, into: to.part((3 * n + channel) * plane, plane))
      }
    }
    return result
  }
}

/// The block of deep residual networks (He et al. 2016): 1x1, 3x3 and 1x1 convolutions with batch
/// normalisation, added to the input. A stride sits in the 3x3 convolution.
struct Bottleneck {
  private typealias Layer = (convolution: TapedConvolution, norm: Normalization)
  private let layers: [Layer]
  private let shortcut: Layer?

  /// `width` inner channels, four times as many come out.
  init(
    _ name: String, inputChannels: Int, width: Int, stride: Int, _ builder: inout LayerBuilder
  ) {
    let outputs = 4 * width
    let sizes = [
      (inputChannels, width, 1, 1), (width, width, 3, stride), (width, outputs, 1, 1),
    ]
    layers = sizes.enumerated().map { index, size in
      (
        TapedConvolution(
          image: "\(name).conv\(index + 1)", inputChannels: size.0, outputChannels: size.1,
          kernel: size.2, stride: size.3, hasBias: false, &builder),
        Normalization(
          "\(name).bn\(index + 1)", .batch, channels: size.1, relu: index < 2, &builder)
      )
    }
    let isPlain = inputChannels == outputs && stride == 1
    shortcut =
      isPlain
      ? nil
      : (
        TapedConvolution(
          image: "\(name).downsample.0", inputChannels: inputChannels, outputChannels: outputs,
          kernel: 1,
          stride: stride, hasBias: false, &builder),
        Normalization(
          "\(name).downsample.1", .batch, channels: outputs, relu: false, &builder)
      )
  }

  /// (N, C, H, W) to (N, 4 width, H / stride, W / stride).
  func callAsFunction(_ x: Activation, _ tape: Tape) -> Activation {
    let main = layers.reduce(x) { $1.norm($1.convolution($0, tape), tape) }
    let side = shortcut.map { $0.norm($0.convolution(x, tape), tape) } ?? x
    return Elementwise.relu(Elementwise.sum(main, side, tape), tape)
  }
}
