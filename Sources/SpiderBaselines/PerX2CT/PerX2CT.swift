import SpiderCore
import SpiderTensor

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

    /// Of the PA image (N, 512, S/8, S/8).
    package var pa: Tensor { frontal.local.value }
    /// Of the lateral image (N, 512, S/8, S/8).
    package var lateral: Tensor { side.local.value }
  }

  /// Widths.
  public let configuration: PerX2CTConfiguration
  /// Names and places of the parameters.
  package let layout: ParameterLayout
  static let encoderName = "encoder.network_fn.cond_encoder.model"
  private let encoder: ResNetEncoder
  private let decoder: SliceDecoder

  /// Builds the network.
  public init(_ configuration: PerX2CTConfiguration = PerX2CTConfiguration()) {
    precondition(configuration.fault == nil, configuration.fault ?? "")
    self.configuration = configuration
    var builder = LayerBuilder(initializer: .normal(0.02))
    encoder = ResNetEncoder(
      Self.encoderName, width: configuration.encoderWidth, isGlobal: configuration.isGlobal,
      &builder)
    decoder = SliceDecoder(
      "decoder",
      inputChannels: SliceMap.codeChannels + 2 * (encoder.localChannels + encoder.globalChannels),
      configuration, &builder)
    layout = builder.layout
  }

  /// Encodes X-rays (N, 1, S, S) in [0, 1], turned as the published loader turns them.
  package func encode(pa: Tensor, lateral: Tensor, _ tape: Tape) -> Features {
    Features(frontal: encoder(pa, tape), side: encoder(lateral, tape))
  }

  /// Where the published camera sees the points of slices: (n, 1024, 2), (column, row) from -1 to 1.
  package func grid(_ planes: [SliceLattice], _ camera: PublishedCamera) -> Tensor {
    let seen = planes.flatMap { points(of: $0).map(camera.project) }
    return Tensor(
      [planes.count, seen.count / max(1, planes.count), 2],
      seen.flatMap { [Float($0.column), Float($0.row)] })
  }

  /// The maps (n, 1087, 32, 32), or 1599 channels in the variant "global", that slices are decoded from.
  package func map(
    _ planes: [SliceLattice], _ features: Features, cameras: [SliceCameras] = [.published],
    _ tape: Tape
  ) -> Tensor {
    makeMap(planes, features, cameras, tape).value
  }

  /// Slices (n, 3, S, S) from their maps.
  package func decode(_ map: Tensor, _ tape: Tape) -> Tensor {
    decoder(Activation(map, isConstant: true), tape).value
  }

  /// Slices (n, 3, S, S), equally many of each patient, for training: with the way back to the encoder.
  func run(
    pa: Tensor, lateral: Tensor, _ planes: [SliceLattice], cameras: [SliceCameras], _ tape: Tape
  ) -> Activation {
    let features = encode(pa: pa, lateral: lateral, tape)
    return decoder(makeMap(planes, features, cameras, tape), tape)
  }

  /// The points of a slice that the map has a place for.
  func points(of plane: SliceLattice) -> [Vector3] {
    plane.points(size: configuration.size, count: configuration.mapSize)
  }

  private func makeMap(
    _ planes: [SliceLattice], _ features: Features, _ cameras: [SliceCameras], _ tape: Tape
  ) -> Activation {
    let patients = features.pa.shape[0]
    precondition(
      features.lateral.shape[0] == patients && planes.count % patients == 0
        && [1, patients].contains(cameras.count),
      "\(planes.count) slices and \(cameras.count) cameras of \(patients) patients")
    return SliceMap.make(
      planes.enumerated().map { index, plane in
        let patient = index / (planes.count / patients)
        return SliceMap.Slice(
          points: points(of: plane), patient: patient,
          cameras: cameras.count == 1 ? cameras[0] : cameras[patient])
      }, pa: features.frontal, lateral: features.side, tape)
  }
}

extension PerX2CT {
  /// The first convolution and its normalisation's scale and shift, which the published training
  /// leaves as ImageNet made them.
  package var firstLayer: [Parameter] {
    let names = Set(["conv1.weight", "bn1.weight", "bn1.bias"].map { "\(Self.encoderName).\($0)" })
    return layout.parameters.filter { names.contains($0.name) }
  }
}

/// Widths of PerX2CT (Kyung et al., ICASSP 2023).
public struct PerX2CTConfiguration: Codable, Equatable, Sendable {
  /// The camera by which points of a slice find their place in the X-rays.
  public enum Camera: String, CaseIterable, Codable, Sendable {
    /// As published, whatever the X-rays' geometry: 60 degrees from one side's length away.
    case published
    /// By each X-ray's own geometry.
    case trueGeometry = "true-geometry"
  }

  /// Channels of the decoder at full resolution; twice and four times as many at the coarser levels. A
  /// multiple of 32.
  public var width = 128
  /// The variant "global", whose encoder goes further and also gives each X-ray's mean features. Not
  /// part of published descriptions: the names of the parameters tell.
  public var isGlobal = false
  /// Channels of the encoder's first convolution; its features of a view are eight times as many.
  public var encoderWidth = 64
  /// Voxels along a side of the volume, and pixels of the X-rays and slices: a multiple of 16, at
  /// least 32.
  public var size = 128
  /// The camera by which points find their place in the X-rays.
  public var camera = Camera.published

  enum CodingKeys: String, CodingKey {
    case width = "ch"
    case isGlobal = "global"
    case encoderWidth = "encoder_ch"
    case size = "input_size"
    case camera
  }

  /// The published widths.
  public init() {}

  /// Reads a description; published ones state the decoder's width only.
  public init(from decoder: any Decoder) throws {
    let container = try decoder.container(keyedBy: CodingKeys.self)
    self.init()
    width = try container.decode(Int.self, forKey: .width)
    isGlobal = try container.decodeIfPresent(Bool.self, forKey: .isGlobal) ?? isGlobal
    encoderWidth = try container.decodeIfPresent(Int.self, forKey: .encoderWidth) ?? encoderWidth
    size = try container.decodeIfPresent(Int.self, forKey: .size) ?? size
    camera = try container.decodeIfPresent(Camera.self, forKey: .camera) ?? camera
  }

  /// Points along a side of the map that a slice is decoded from.
  var mapSize: Int { size / 4 }

  /// The reason why no network has these widths, or nil.
  public var fault: String? {
    guard (1...4096).contains(width), width % 32 == 0 else {
      return "the decoder's width must be a multiple of 32 channels, not \(width)"
    }
    guard (1...4096).contains(encoderWidth) else {
      return "the encoder's width must be 1 to 4096 channels, not \(encoderWidth)"
    }
    guard (32...1024).contains(size), size % 16 == 0 else {
      return "the X-rays must be a multiple of 16 pixels a side, 32 to 1024, not \(size)"
    }
    return nil
  }
}
