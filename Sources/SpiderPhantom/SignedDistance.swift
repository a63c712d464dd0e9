/// A point or vector in millimetres, in single precision: the head is evaluated at millions of them.
typealias Point = SIMD3<Float>

// Signed distances are in mm, negative inside. Shapes whose exact distance has no closed form give one
// that is right to first order at the surface, which is where edges are drawn.

/// The length of a vector.
@inline(__always) func norm(_ v: Point) -> Float {
  (v.x * v.x + v.y * v.y + v.z * v.z).squareRoot()
}

/// Linear interpolation from `a` (t = 0) to `b` (t = 1).
@inline(__always) func mix(_ a: Float, _ b: Float, _ t: Float) -> Float { a + (b - a) * t }

/// `x` limited to a range.
@inline(__always) func clamp(_ x: Float, _ low: Float, _ high: Float) -> Float {
  min(max(x, low), high)
}

/// A cubic step from 0 at `a` to 1 at `b`; `b < a` makes it fall.
@inline(__always) func smoothStep(_ a: Float, _ b: Float, _ x: Float) -> Float {
  let t = clamp((x - a) / (b - a), 0, 1)
  return t * t * (3 - 2 * t)
}

/// A bell of height 1 about zero that ends smoothly at |x| = 1: a bounded stand-in for a Gaussian.
@inline(__always) func bell(_ x: Float) -> Float {
  let t = max(0, 1 - x * x)
  return t * t
}

/// The union of two shapes, rounded where they meet over about `k` mm (polynomial smooth minimum).
@inline(__always) func smoothUnion(_ a: Float, _ b: Float, _ k: Float) -> Float {
  let h = max(k - abs(a - b), 0)
  return min(a, b) - h * h / (4 * k)
}

/// The intersection of two shapes, rounded where they meet over about `k` mm.
@inline(__always) func smoothIntersection(_ a: Float, _ b: Float, _ k: Float) -> Float {
  -smoothUnion(-a, -b, k)
}

/// The distance to an ellipse about the origin of a plane.
@inline(__always) func ellipseDistance(_ x: Float, _ y: Float, _ rx: Float, _ ry: Float) -> Float {
  let (qx, qy) = (x / rx, y / ry)
  let k0 = (qx * qx + qy * qy).squareRoot()
  let (gx, gy) = (qx / rx, qy / ry)
  let k1 = (gx * gx + gy * gy).squareRoot()
  return k1 > 1e-6 ? k0 * (k0 - 1) / k1 : -min(rx, ry)
}

/// An ellipsoid along the axes.
struct Ellipsoid: Sendable {
  let center: Point
  let inverseRadii: Point
  private let smallestRadius: Float

  init(_ center: Point, _ radii: Point) {
    self.center = center
    inverseRadii = 1 / radii
    smallestRadius = radii.min()
  }

  /// The implicit function over its gradient's length: exact to first order at the surface.
  @inline(__always) func distance(_ p: Point) -> Float {
    let q = (p - center) * inverseRadii
    let k0 = norm(q)
    let k1 = norm(q * inverseRadii)
    return k1 > 1e-6 ? k0 * (k0 - 1) / k1 : -smallestRadius
  }
}

/// A rod with round ends whose radius changes evenly from one end to the other.
struct Capsule: Sendable {
  private let start: Point
  private let axis: Point
  private let inverseSquaredLength: Float
  private let startRadius: Float
  private let endRadius: Float

  init(_ start: Point, _ end: Point, _ startRadius: Float, _ endRadius: Float? = nil) {
    self.start = start
    axis = end - start
    inverseSquaredLength = 1 / max((axis * axis).sum(), 1e-6)
    self.startRadius = startRadius
    self.endRadius = endRadius ?? startRadius
  }

  @inline(__always) func distance(_ p: Point) -> Float {
    let q = p - start
    let along = (q.x * axis.x + q.y * axis.y + q.z * axis.z) * inverseSquaredLength
    let t = clamp(along, 0, 1)
    return norm(q - axis * t) - mix(startRadius, endRadius, t)
  }
}

/// A bent rod: capsules through a list of points, each with its radius.
struct Tube: Sendable {
  private let segments: [Capsule]

  init(_ knots: [(Point, Float)]) {
    segments = zip(knots, knots.dropFirst()).map { Capsule($0.0, $1.0, $0.1, $1.1) }
  }

  @inline(__always) func distance(_ p: Point) -> Float {
    var nearest = Float.infinity
    for segment in segments { nearest = min(nearest, segment.distance(p)) }
    return nearest
  }
}

/// A box along the axes with rounded edges; `half` are its half sides, rounding included.
struct RoundedBox: Sendable {
  private let center: Point
  private let inner: Point
  private let radius: Float

  init(_ center: Point, _ half: Point, _ radius: Float) {
    self.center = center
    inner = half - radius
    self.radius = radius
  }

  @inline(__always) func distance(_ p: Point) -> Float {
    let d = p - center
    let q = Point(abs(d.x), abs(d.y), abs(d.z)) - inner
    let outside = norm(Point(max(q.x, 0), max(q.y, 0), max(q.z, 0)))
    return outside + min(max(q.x, max(q.y, q.z)), 0) - radius
  }
}

/// A closed polygon of the plane.
struct Polygon: Sendable {
  private let corners: [SIMD2<Float>]

  init(_ corners: [SIMD2<Float>]) { self.corners = corners }

  /// The signed distance, by the nearest edge and the crossing rule.
  func distance(_ p: SIMD2<Float>) -> Float {
    var nearest = Float.infinity
    var inside = false
    var b = corners[corners.count - 1]
    for a in corners {
      let edge = b - a
      let q = p - a
      let t = clamp((q.x * edge.x + q.y * edge.y) / (edge.x * edge.x + edge.y * edge.y), 0, 1)
      let away = q - edge * t
      nearest = min(nearest, away.x * away.x + away.y * away.y)
      if (a.y > p.y) != (b.y > p.y), p.x < edge.x * (p.y - a.y) / edge.y + a.x { inside.toggle() }
      b = a
    }
    return inside ? -nearest.squareRoot() : nearest.squareRoot()
  }
}

/// A box along the axes, for skipping structures that cannot reach a point.
struct Bounds: Sendable {
  private let low: Point
  private let high: Point

  init(_ low: Point, _ high: Point) {
    self.low = low
    self.high = high
  }

  @inline(__always) func contains(_ p: Point) -> Bool {
    p.x >= low.x && p.x <= high.x && p.y >= low.y && p.y <= high.y && p.z >= low.z && p.z <= high.z
  }
}
