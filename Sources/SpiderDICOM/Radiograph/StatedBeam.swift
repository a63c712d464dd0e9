import SpiderCore

/// What somebody says of how an X-ray was taken, where its file may not say it.
public struct StatedBeam: Equatable, Sendable {
  /// The view.
  public var view: NamedView?
  /// Source to axis distance (SAD), mm.
  public var sourceToAxis: Double?
  /// Source to detector distance (SID), mm.
  public var sourceToDetector: Double?
  /// Pixel size on the detector along a row and along a column, mm.
  public var pixelSize: SIMD2<Double>?
  /// Whether rays are parallel; distances then only place the detector.
  public var isParallel: Bool
  /// The isocentre, world mm; nil is the origin.
  public var isocenter: Vector3?

  /// By default nothing is said.
  public init(
    view: NamedView? = nil, sourceToAxis: Double? = nil, sourceToDetector: Double? = nil,
    pixelSize: SIMD2<Double>? = nil, isParallel: Bool = false, isocenter: Vector3? = nil
  ) {
    self.view = view
    self.sourceToAxis = sourceToAxis
    self.sourceToDetector = sourceToDetector
    self.pixelSize = pixelSize
    self.isParallel = isParallel
    self.isocenter = isocenter
  }
}
