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
