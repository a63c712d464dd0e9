import SpiderImaging

/// The sum of squared distances to some planes, as a function of the point: a quadric (Garland and Heckbert,
/// SIGGRAPH 1997). Q(p) = p'A p + 2 b'p + c, A symmetric.
struct Quadric {
  private var diagonal = Vector3.zero
  /// The elements xy, yz and zx of A.
  private var mixed = Vector3.zero
  private var b = Vector3.zero
  private var c = 0.0

  /// The quadric of no plane: zero everywhere.
  init() {}

  /// The quadric of the plane through a point, weighted.
  init(through point: Vector3, normal: Vector3, weight: Double) {
    let d = -dot(normal, point)
    diagonal = normal * normal * weight
    mixed =
      Vector3(normal.x * normal.y, normal.y * normal.z, normal.z * normal.x) * weight
    b = normal * (d * weight)
    c = d * d * weight
  }

  /// Adds another's planes.
  static func += (a: inout Quadric, b: Quadric) {
    a.diagonal += b.diagonal
    a.mixed += b.mixed
    a.b += b.b
    a.c += b.c
  }

  private func multiplied(_ p: Vector3) -> Vector3 {
    diagonal * p
      + Vector3(
        mixed.x * p.y + mixed.z * p.z, mixed.x * p.x + mixed.y * p.z, mixed.z * p.x + mixed.y * p.y)
  }

  /// Its value at a point; never below zero, whatever rounding makes of it.
  func value(at p: Vector3) -> Double { max(0, dot(p, multiplied(p)) + 2 * dot(b, p) + c) }

  /// Where it is least; nil where the planes leave that open, or nearly.
  var minimum: Vector3? {
    let columns = (
      Vector3(diagonal.x, mixed.x, mixed.z), Vector3(mixed.x, diagonal.y, mixed.y),
      Vector3(mixed.z, mixed.y, diagonal.z)
    )
    let matrix = Affine(columns: columns, translation: .zero)
    let size = (diagonal.x + diagonal.y + diagonal.z) / 3
    guard size > 0, matrix.determinant > 1e-4 * size * size * size else { return nil }
    return matrix.inverse.applyLinear(-b)
  }
}
