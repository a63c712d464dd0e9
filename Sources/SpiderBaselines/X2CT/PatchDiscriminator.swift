import SpiderCore
import SpiderTensor

/// The conditional 3D PatchGAN discriminator of X2CT-GAN: which parts of a CT look real next to its
/// X-rays.
///
/// Its channels are the PA image repeated along H, the lateral repeated along W, and the CT, all in CT
/// order. Kernels of 4 with a padding of 2, so sizes are odd: 128 gives 65, 33, 17, 18, 19.
public struct PatchDiscriminator: Sendable {
  /// Widths.
  public struct Configuration: Codable, Equatable, Sendable {
    /// Channels in.
    public var inputChannels = 3
    /// Channels of the first layer, doubled by each next one up to eightfold and at most 512.
    public var width = 64
    /// Layers that halve the volume.
    public var halvings = 3

    enum CodingKeys: String, CodingKey {
      case inputChannels = "input_nc"
      case width = "ndf"
      case halvings = "n_layers"
    }

    /// The published widths.
    public init() {}
  }

  private struct Layer {
    let convolution: TapedConvolution
    let norm: Normalization?
    let isLast: Bool

    func callAsFunction(_ x: Activation, _ tape: Tape) -> Activation {
      var y = convolution(x, tape)
      if let norm { y = norm(y, tape) }
      return isLast ? y : Elementwise.leakyReLU(y, slope: 0.2, tape)
    }
  }

  /// Names and places of the parameters.
  package let layout: ParameterLayout
  private let layers: [Layer]

  /// Builds the network. Published files name layers in two ways: `model1.0` where every layer's output
  /// can be had, `model.2` where they are one list; `published` are the names in a file to be read.
  public init(
    _ configuration: Configuration = Configuration(), usesInstances: Bool = true,
    published: Set<String>? = nil
  ) {
    var builder = LayerBuilder(published: published, initializer: .normal(0.02))
    var channels = configuration.inputChannels
    let count = configuration.halvings + 2
    // In one list every convolution, normalisation and leaky part counts.
    let isList = published?.contains("model.0.weight") ?? false
    var entry = 0
    layers = (0..<count).map { index in
      let isLast = index == count - 1
      let isInner = index > 0 && !isLast
      let width = isLast ? 1 : min(configuration.width << min(index, 3), 512)
      let names =
        isList
        ? ("model.\(entry)", "model.\(entry + 1)") : ("model\(index).0", "model\(index).1")
      defer {
        channels = width
        entry += isInner ? 3 : 2
      }
      return Layer(
        // The inner convolutions have no bias, whatever the normalisation: the published test for
        // instance normalisation looks for the 2D kind.
        convolution: TapedConvolution(
          volume: names.0, inputChannels: channels, outputChannels: width, kernel: 4,
          stride: index < configuration.halvings ? 2 : 1, padding: 2, hasBias: !isInner, &builder),
        norm: isInner
          ? Normalization(
            names.1, usesInstances ? .instance : .batch, channels: width, relu: false,
            &builder) : nil,
        isLast: isLast)
    }
    layout = builder.layout
  }

  /// A volume (N, 3, D, H, W) to every layer's output, the last of which is the map of patches.
  package func forward(_ input: Tensor, _ tape: Tape) -> [Tensor] {
    run(Activation(input, isConstant: true), tape).map(\.value)
  }

  /// The same on activations, for training.
  func run(_ input: Activation, _ tape: Tape) -> [Activation] {
    var outputs: [Activation] = []
    for layer in layers { outputs.append(layer(outputs.last ?? input, tape)) }
    return outputs
  }
}
