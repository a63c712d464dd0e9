import Foundation
import SpiderCore

/// Everything about a trained published network but its numbers: it travels inside the model file.
public struct BaselineDescription: Codable, Equatable, Sendable {
  /// The network and its widths.
  public var architecture: BaselineArchitecture
  /// The CT numbers that 0 and 1 stand for.
  public var window: CTWindow
  /// The side of the cube about the isocentre that is reconstructed, mm.
  public var fieldOfView: Double
  /// The directions of the X-rays, one frontal and one lateral.
  public var views: [NamedView]
  /// Distances and detector of the X-rays it was trained with.
  public var setup: ViewSetup
  /// How it was trained, for people.
  public var training: [String: String]

  /// Describes a model.
  public init(
    architecture: BaselineArchitecture, window: CTWindow = .standard, fieldOfView: Double = 256,
    views: [NamedView] = [.pa, .left], setup: ViewSetup = ViewSetup(),
    training: [String: String] = [:]
  ) {
    self.architecture = architecture
    self.window = window
    self.fieldOfView = fieldOfView
    self.views = views
    self.setup = setup
    self.training = training
  }

  /// The detector on which the network's own idea of X-rays comes nearest to true: as many pixels as it
  /// reads, showing at the isocentre what its camera shows there.
  ///
  /// X2CT-GAN takes rays to be parallel: the image shows the field of view. PerX2CT's camera sees 60
  /// degrees from one side's length away, 1.155 fields of view.
  public func fittingDetector(sourceToAxis: Double, sourceToDetector: Double) -> ViewSetup {
    let size = architecture.size
    let shown: Double
    switch architecture {
    case .x2ctGAN: shown = fieldOfView
    case .perX2CT: shown = fieldOfView * 2 * tan(Double.pi / 6)
    }
    // Whole ten-thousandths of a millimetre: so many digits survive a configuration file.
    let exact = shown * sourceToDetector / sourceToAxis / Double(size)
    let pixel = (exact * 1e4).rounded() / 1e4
    return ViewSetup(
      sourceToAxis: sourceToAxis, sourceToDetector: sourceToDetector,
      pixelSize: SIMD2(pixel, pixel), columns: size, rows: size)
  }

  /// The voxels that the network makes.
  public func grid(about isocenter: Vector3) -> VoxelGrid {
    .canonical(size: architecture.size, side: fieldOfView, center: isocenter)
  }

  /// Why a model of this description cannot be, or nil: for descriptions that come from a file.
  public var fault: String? {
    if let fault = architecture.fault { return fault }
    guard window.low.isFinite, window.high.isFinite, window.low < window.high else {
      return "a window from \(window.low) to \(window.high) HU"
    }
    guard WorldLimits.edge.contains(fieldOfView) else {
      return "a field of view of \(fieldOfView) mm; it must be \(WorldLimits.edgeInWords)"
    }
    guard setup.columns == architecture.size, setup.rows == architecture.size else {
      return "X-rays of \(setup.columns) x \(setup.rows) pixels, the network reads "
        + "\(architecture.size) x \(architecture.size)"
    }
    do {
      _ = try PublishedOrientation(views: views)
      for view in views { _ = try setup.geometry(of: view) }
    } catch {
      return "\(error)"
    }
    return nil
  }
}

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

/// X2CT-GAN as a whole: the generator, its variants, and the discriminator it is trained against.
public struct X2CTArchitecture: Codable, Equatable, Sendable {
  /// Widths of the generator.
  public var generator = X2CTConfiguration()
  /// Whether the average of both views goes back into each.
  public var feedsBack = true
  /// Whether normalisations know samples, in the encoders; else batches.
  public var encoderUsesInstances = true
  /// The same in the decoders.
  public var decoderUsesInstances = true
  /// Widths of the discriminator, which training needs and use does not.
  public var discriminator = PatchDiscriminator.Configuration()

  /// As published.
  public init() {}

  /// The variant of the generator.
  public var variant: X2CTVariant {
    var variant = X2CTVariant()
    variant.feedsBack = feedsBack
    variant.encoderUsesInstances = encoderUsesInstances
    variant.decoderUsesInstances = decoderUsesInstances
    return variant
  }

  /// Why no networks have these widths, or nil.
  public var fault: String? {
    if let fault = generator.fault { return fault }
    let d = discriminator
    guard d.inputChannels == 3, (1...512).contains(d.width), (1...5).contains(d.halvings) else {
      return "the discriminator has 3 channels in, a width of 1 to 512 and 1 to 5 halvings"
    }
    return nil
  }
}
