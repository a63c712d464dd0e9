import SpiderCore

/// PerX2CT: two X-rays to one slice of CT at a time.
///
/// The X-rays are encoded once; then for each slice a coarse map of features is looked up with the
/// published cameras and decoded. Parameters have the names and shapes of the published state dict.
public struct PerX2CT: Sendable {
  /// The channel of a slice that counts: the published tests take the second of three.
  public static let usedChannel = 1

  /// What the encoder says about both X-rays of some patients.
  public struct Features {
    let frontal: ResNetEncoder.Features
    let side: ResNetEncoder.Features

    /// Of the PA image (N, 512, 16, 16).
    public var pa: Tensor { frontal.local.value }
    /// Of the lateral image (N, 512, 16, 16).
    public var lateral: Tensor { side.local.value }
  }

  /// Widths.
  public let configuration: PerX2CTConfiguration
  /// Names and places of the parameters.
  public let layout: ParameterLayout
  private let encoder: ResNetEncoder
  private let decoder: SliceDecoder

  /// Builds the network.
  public init(_ configuration: PerX2CTConfiguration = PerX2CTConfiguration()) {
    precondition(configuration.fault == nil, configuration.fault ?? "")
    self.configuration = configuration
    var builder = LayerBuilder(initializer: .normal(0.02))
    encoder = ResNetEncoder(
      "encoder.network_fn.cond_encoder.model", isGlobal: configuration.isGlobal, &builder)
    let featuresPerView =
      ResNetEncoder.localChannels + (configuration.isGlobal ? ResNetEncoder.globalChannels : 0)
    decoder = SliceDecoder(
      "decoder", inputChannels: SliceMap.codeChannels + 2 * featuresPerView, configuration,
      &builder)
    layout = builder.layout
  }

  /// Encodes X-rays (1, 1, 128, 128) in [0, 1], turned as the published loader turns them.
  public func encode(pa: Tensor, lateral: Tensor, _ pass: Pass) -> Features {
    Features(frontal: encoder(pa, pass), side: encoder(lateral, pass))
  }

  /// Where the points of slices are seen in an X-ray: (n, 1024, 2), (column, row) from -1 to 1.
  public func grid(_ planes: [SlicePlane], _ camera: PublishedCamera) -> Tensor {
    let seen = planes.flatMap { $0.points.map(camera.project) }
    return Tensor(
      [planes.count, seen.count / max(1, planes.count), 2],
      seen.flatMap { [Float($0.column), Float($0.row)] })
  }

  /// The maps (n, 1087, 32, 32), or 1599 channels in the variant "global", that slices are decoded from.
  public func map(_ planes: [SlicePlane], _ features: Features, _ pass: Pass) -> Tensor {
    SliceMap.make(planes, pa: features.frontal, lateral: features.side, pass).value
  }

  /// Slices (n, 3, 128, 128) from their maps.
  public func decode(_ map: Tensor, _ pass: Pass) -> Tensor {
    decoder(Activation(map, isConstant: true), pass).value
  }

  /// Slices (n, 3, 128, 128), one of each patient or all of one, for training: with the way back to
  /// the encoder.
  func run(pa: Tensor, lateral: Tensor, _ planes: [SlicePlane], _ pass: Pass) -> Activation {
    let features = encode(pa: pa, lateral: lateral, pass)
    return decoder(
      SliceMap.make(planes, pa: features.frontal, lateral: features.side, pass), pass)
  }
}
