/// Where the rays of a projection come from.
public enum Beam: Equatable, Sendable {
  /// All rays leave one focal spot, whose world position is given in mm.
  case cone(source: Vector3)
  /// All rays run along one unit direction, from the source towards the detector.
  case parallel(direction: Vector3)
}
