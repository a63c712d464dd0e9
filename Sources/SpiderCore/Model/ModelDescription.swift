/// Everything about a trained SPIDER model but its numbers: what it was built as, what it must be fed
/// and what it answers. It travels inside the model file.
public struct ModelDescription: Codable, Equatable, Sendable {
  /// The sizes of the network.
  public var architecture: SpiderArchitecture
  /// The CT numbers that 0 and 1 stand for.
  public var window: CTWindow
  /// The tissue classes it tells apart.
  public var scheme: LabelScheme
  /// The side of the canonical cube about the isocentre, mm.
  public var fieldOfView: Double
  /// The directions of the X-rays, in the order in which it reads them.
  public var views: [NamedView]
  /// Distances and detector of the X-rays it was trained with.
  public var setup: ViewSetup
  /// In which form it is fed radiographs.
  public var intensity: RadiographIntensity
  /// How it was trained, for people: data, steps, time, figures.
  public var training: [String: String]

  /// Describes a model.
  public init(
    architecture: SpiderArchitecture, window: CTWindow = .standard, scheme: LabelScheme = .head,
    fieldOfView: Double = 256, views: [NamedView] = [.pa, .left], setup: ViewSetup = ViewSetup(),
    intensity: RadiographIntensity = .relative, training: [String: String] = [:]
  ) {
    self.architecture = architecture
    self.window = window
    self.scheme = scheme
    self.fieldOfView = fieldOfView
    self.views = views
    self.setup = setup
    self.intensity = intensity
    self.training = training
  }

  /// Why a model of this description cannot be, or nil: for descriptions that come from a file.
  public var fault: String? {
    if let fault = architecture.fault { return fault }
    if architecture.classes != scheme.count {
      return "\(architecture.classes) classes in the network, \(scheme.count) in its scheme"
    }
    if architecture.viewCount != views.count {
      return "\(architecture.viewCount) views in the network, \(views.count) described"
    }
    if !(window.low.isFinite && window.high.isFinite && window.low < window.high) {
      return "a window from \(window.low) to \(window.high) HU"
    }
    if !WorldLimits.edge.contains(fieldOfView) { return "a field of view of \(fieldOfView) mm" }
    // Each side first: the product of two sides from a file could overflow.
    guard (1...8192).contains(setup.columns), (1...8192).contains(setup.rows) else {
      return "images of \(setup.columns) x \(setup.rows) pixels"
    }
    let alignment = 1 << (architecture.encoderWidths.count - 1)
    if setup.columns % alignment != 0 || setup.rows % alignment != 0 {
      return "images of \(setup.columns) x \(setup.rows), not multiples of \(alignment)"
    }
    if setup.columns * setup.rows > 1 << 24 { return "images of more than 16 million pixels" }
    let lengths = [
      setup.sourceToAxis, setup.sourceToDetector, setup.pixelSize.x, setup.pixelSize.y,
    ]
    if !lengths.allSatisfy({ abs($0) <= WorldLimits.distance }) {
      return "a distance or pixel size of more than \(WorldLimits.distance) mm"
    }
    do {
      for view in views { _ = try setup.geometry(of: view) }
    } catch {
      return "\(error)"
    }
    return nil
  }
}
