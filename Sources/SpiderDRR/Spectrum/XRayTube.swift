/// The settings of an X-ray tube with a tungsten anode: what decides its spectrum.
public struct XRayTube: Codable, Equatable, Sendable {
  /// The tube voltage, kV, constant.
  public var kilovolts: Double
  /// Total filtration by aluminium, that of tube and housing included, mm.
  public var aluminium: Double
  /// Added filtration by copper, mm.
  public var copper: Double
  /// The angle between the anode's surface and the central ray, degrees.
  public var anodeAngle: Double

  /// By default 80 kV and 2.5 mm of aluminium, the least that is allowed for diagnostic tubes.
  public init(
    kilovolts: Double = 80, aluminium: Double = 2.5, copper: Double = 0, anodeAngle: Double = 12
  ) {
    self.kilovolts = kilovolts
    self.aluminium = aluminium
    self.copper = copper
    self.anodeAngle = anodeAngle
  }

  /// Voltages for which the model holds, kV.
  public static let voltages = 40.0...150.0

  /// - Throws: ``PhysicsError`` for settings that the model does not cover. A tube without any filter
  ///   is one: its softest rays would rule everything.
  func check() throws(PhysicsError) {
    try PhysicsError.check("the tube voltage", kilovolts, in: Self.voltages, "kV")
    try PhysicsError.check("the filtration by aluminium", aluminium, in: 0.5...50, "mm")
    try PhysicsError.check("the filtration by copper", copper, in: 0...5, "mm")
    try PhysicsError.check("the anode's angle", anodeAngle, in: 5...45, "degrees")
  }
}
