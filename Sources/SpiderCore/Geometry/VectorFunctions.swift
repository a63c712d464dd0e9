import Foundation

/// The scalar product of two vectors.
public func dot(_ a: Vector3, _ b: Vector3) -> Double { a.x * b.x + a.y * b.y + a.z * b.z }

/// The right-handed vector product of two vectors.
public func cross(_ a: Vector3, _ b: Vector3) -> Vector3 {
  Vector3(a.y * b.z - a.z * b.y, a.z * b.x - a.x * b.z, a.x * b.y - a.y * b.x)
}

/// The Euclidean length of a vector.
public func length(_ a: Vector3) -> Double { dot(a, a).squareRoot() }

/// The vector of length one along `a`, which must not be zero.
public func normalized(_ a: Vector3) -> Vector3 { a / length(a) }

func sine(_ angle: Double) -> Double { Foundation.sin(angle) }
func cosine(_ angle: Double) -> Double { Foundation.cos(angle) }
func arcCosine(_ value: Double) -> Double { Foundation.acos(value) }
