/// What anybody may ask of a model that reconstructs: its name, what it reads, what it shows.
public struct ModelTraits: Sendable {
  /// What a model does with X-rays.
  public enum Input: Equatable, Sendable {
    /// It reads each on a detector of its own, see ``ViewMatching``, its numbers in this form.
    case matched(RadiographIntensity)
    /// It takes them on their own detectors, from any side.
    case asGiven
    /// It does not look at them.
    case unused
  }

  /// What it is called.
  public var name: String
  /// The directions of the X-rays, in the order in which it reads them; those to make for it where it
  /// takes any.
  public var views: [NamedView]
  /// Between how many X-rays it reads, whatever their directions and their order; nil: those of ``views`` alone,
  /// or, where it takes them as they are, any number.
  public var anyViews: ViewCounts?
  /// Distances and detector of the X-rays that it reads, or that are to be made for it.
  public var setup: ViewSetup
  /// What it does with them.
  public var input: Input
  /// The side of the cube about the isocentre that it shows, mm; nil where it shows any grid.
  public var fieldOfView: Double?
  /// The CT numbers that it knows.
  public var window: CTWindow
  /// What its labels mean; nil where it tells no tissues apart.
  public var scheme: LabelScheme?
  /// Whether it says how far its CT numbers may be off.
  public var tellsUncertainty: Bool
  /// How far figures derived from its labels may be off; nil where nobody calibrated that.
  public var measurements: MeasurementIntervals?
  /// How it was trained, for people.
  public var training: [String: String]

  /// Describes a model; by default one that takes any X-rays, shows any grid and tells no tissues apart.
  public init(
    name: String, views: [NamedView] = [.pa, .left], anyViews: ViewCounts? = nil,
    setup: ViewSetup = ViewSetup(),
    input: Input = .asGiven, fieldOfView: Double? = nil, window: CTWindow = .standard,
    scheme: LabelScheme? = nil, tellsUncertainty: Bool = false, training: [String: String] = [:]
  ) {
    self.name = name
    self.views = views
    self.anyViews = anyViews
    self.setup = setup
    self.input = input
    self.fieldOfView = fieldOfView
    self.window = window
    self.scheme = scheme
    self.tellsUncertainty = tellsUncertainty
    self.training = training
  }

  /// The grid that is taken where none is asked for: 128^3 voxels over the field of view, or over 256 mm.
  public func grid(about isocenter: Vector3, size: Int = 128) -> VoxelGrid {
    .canonical(size: size, side: fieldOfView ?? 256, center: isocenter)
  }
}

/// The range of CT numbers that networks see, mapped to [0, 1].
public struct CTWindow: Codable, Hashable, Sendable {
  /// HU that becomes 0.
  public let low: Float
  /// HU that becomes 1.
  public let high: Float

  /// A window; `high` must lie above `low`.
  public init(low: Float, high: Float) {
    precondition(high > low, "a window from \(low) to \(high) HU")
    self.low = low
    self.high = high
  }

  /// [-1000, 2000] HU: air to dense bone.
  public static let standard = CTWindow(low: -1000, high: 2000)

  /// HU to window units, clipped to [0, 1]; NaN counts as air.
  public func normalize(_ hu: Float) -> Float {
    guard hu > low else { return 0 }
    return hu < high ? (hu - low) / (high - low) : 1
  }

  /// Window units to HU, clipped to the window; NaN stays.
  public func hounsfield(_ value: Float) -> Float {
    low + (high - low) * (value < 0 ? 0 : value > 1 ? 1 : value)
  }
}
