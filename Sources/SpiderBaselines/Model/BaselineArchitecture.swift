/// The published networks that Spider trains and runs.
public enum BaselineArchitecture: Equatable, Sendable {
  /// X2CT-GAN, multi-view.
  case x2ctGAN(X2CTArchitecture)
  /// PerX2CT.
  case perX2CT(PerX2CTConfiguration)

  /// The network's name, as papers have it.
  public var name: String {
    switch self {
    case .x2ctGAN: "X2CT-GAN"
    case .perX2CT(let configuration): configuration.isGlobal ? "PerX2CT (global)" : "PerX2CT"
    }
  }

  /// Pixels along a side of the X-rays, and voxels along a side of the volume.
  public var size: Int {
    switch self {
    case .x2ctGAN(let architecture): architecture.generator.inputSize
    case .perX2CT(let configuration): configuration.size
    }
  }

  /// Why no network has these widths, or nil.
  public var fault: String? {
    switch self {
    case .x2ctGAN(let architecture): architecture.fault
    case .perX2CT(let configuration): configuration.fault
    }
  }
}

extension BaselineArchitecture: Codable {
  enum CodingKeys: String, CodingKey {
    case x2ctGAN = "x2ct-gan"
    case perX2CT = "perx2ct"
  }

  /// Reads an object whose one key names the network.
  public init(from decoder: any Decoder) throws {
    let container = try decoder.container(keyedBy: CodingKeys.self)
    if let x2ct = try container.decodeIfPresent(X2CTArchitecture.self, forKey: .x2ctGAN) {
      self = .x2ctGAN(x2ct)
    } else {
      self = .perX2CT(try container.decode(PerX2CTConfiguration.self, forKey: .perX2CT))
    }
  }

  /// Writes an object whose one key names the network.
  public func encode(to encoder: any Encoder) throws {
    var container = encoder.container(keyedBy: CodingKeys.self)
    switch self {
    case .x2ctGAN(let architecture): try container.encode(architecture, forKey: .x2ctGAN)
    case .perX2CT(let configuration): try container.encode(configuration, forKey: .perX2CT)
    }
  }
}
