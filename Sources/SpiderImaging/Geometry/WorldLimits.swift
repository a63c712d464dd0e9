/// What lengths and positions from outside may be, in mm. Nothing that is X-rayed comes near the
/// bounds; beyond them, numbers are mistakes that arithmetic would only hide.
public enum WorldLimits {
  /// The longest distance between source, patient and detector: 100 m.
  public static let distance = 1e5
  /// The farthest a coordinate may lie from the origin: 10 km, so that the corner of a large detector
  /// at a long distance is within.
  public static let position = 1e7
  /// The spacing of voxels: from a tenth of a micrometre up.
  public static let spacing = 1e-4...1e5
  /// The edge of a box that is reconstructed.
  public static let edge = 1...1e5
}
