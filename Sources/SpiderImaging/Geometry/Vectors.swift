/// The scalar product of two vectors.
@inlinable public func dot(_ a: Vector3, _ b: Vector3) -> Double {
  a.x * b.x + a.y * b.y + a.z * b.z
}

/// The right-handed vector product of two vectors.
@inlinable public func cross(_ a: Vector3, _ b: Vector3) -> Vector3 {
  Vector3(a.y * b.z - a.z * b.y, a.z * b.x - a.x * b.z, a.x * b.y - a.y * b.x)
}

/// The Euclidean length of a vector.
@inlinable public func length(_ a: Vector3) -> Double { dot(a, a).squareRoot() }

/// The vector of length one along `a`, which must not be zero.
@inlinable public func normalized(_ a: Vector3) -> Vector3 { a / length(a) }

/// Plausibility limits for lengths and positions from outside, mm. Nothing that is X-rayed comes near the
/// bounds; beyond them, numbers are mistakes that arithmetic would only hide.
package enum WorldLimits {
  /// The longest distance between source, patient and detector: 100 m.
  package static let distance = 1e5
  /// The farthest a coordinate may lie from the origin: 10 km, so that the corner of a large detector
  /// at a long distance is within.
  package static let position = 1e7
  /// The spacing of voxels: from a tenth of a micrometre up.
  package static let spacing = 1e-4...1e5
  /// The edge of a box that is reconstructed.
  package static let edge = 1...1e5
}

extension Vector3 {
  /// Whether this can be the spacing of voxels, mm.
  package var isPlausibleSpacing: Bool {
    WorldLimits.spacing.contains(min()) && WorldLimits.spacing.contains(max())
  }

  /// Whether this can be a place in the world, mm.
  package var isPlausiblePosition: Bool {
    length(self) <= WorldLimits.position
  }
}
