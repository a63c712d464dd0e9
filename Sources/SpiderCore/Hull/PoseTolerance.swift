/// How far the patient may have been from where the radiographs' geometry says, without culling taking
/// any of him away.
public struct PoseTolerance: Sendable, Equatable {
  /// A displacement in any direction, mm.
  public var shift: Double
  /// A turn about any axis through the isocentre, degrees.
  public var turnDegrees: Double

  /// By default 1 mm and half a degree: a patient who held still between calibrated views.
  public init(shift: Double = 1, turnDegrees: Double = 0.5) {
    precondition(
      shift >= 0 && turnDegrees >= 0, "a tolerance of \(shift) mm and \(turnDegrees) degrees")
    self.shift = shift
    self.turnDegrees = turnDegrees
  }

  /// The farthest that a point at a distance from the isocentre moves, mm.
  func displacement(atDistance distance: Double) -> Double {
    shift + distance * turnDegrees * .pi / 180
  }
}
