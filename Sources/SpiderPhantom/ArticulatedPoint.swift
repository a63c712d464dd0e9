/// A point of the head in the frames of its moving parts, with its distances to vault and skin.
struct ArticulatedPoint {
  /// The point in the nominal frame, mm.
  let point: Point
  /// The same on the right side: most anatomy is drawn once, for x >= 0.
  let folded: Point
  /// 0 on the right, 1 on the left.
  let side: Int
  /// In the frame of the closed lower jaw, folded: as it lies, and with the pieces of a broken jaw in
  /// place again.
  let brokenJaw: Point
  let jaw: Point
  /// In the frame of the upright neck, and folded.
  let neck: Point
  let foldedNeck: Point
  /// Distance to the outer surface of the braincase as if it were closed below.
  let vault: Float
  /// Distance to the skin.
  let skin: Float
}

/// Maps points into the frames of the moving parts, jaw and neck.
struct Articulation: Sendable {
  private static let hinge = Point(0, 13, -2)
  private let jawCosine: Float
  private let jawSine: Float
  private let glide: Point
  private let neckForward: Float
  private let neckSideways: Float

  init(shape: HeadShape) {
    // Opening turns the jaw about its condyles while these slide forwards and down the fossa.
    let angle = shape.jawOpening
    jawCosine = 1 - angle * angle / 2
    jawSine = angle - angle * angle * angle / 6
    glide = Point(0, 22 * angle, -9 * angle)
    neckForward = shape.neckForward
    neckSideways = shape.neckSideways
  }

  /// The point carried back to where it is when the jaw is closed.
  @inline(__always) func jaw(_ p: Point) -> Point {
    let q = p - Self.hinge - glide
    return Point(q.x, q.y * jawCosine - q.z * jawSine, q.y * jawSine + q.z * jawCosine)
      + Self.hinge
  }

  /// The position of a point of the closed jaw.
  func fromJaw(_ point: Point) -> Point {
    let q = point - Self.hinge
    let back = Point(q.x, q.y * jawCosine + q.z * jawSine, q.z * jawCosine - q.y * jawSine)
    // Sine and cosine are cut series: their squares do not sum to just one.
    return back * (1 / (jawCosine * jawCosine + jawSine * jawSine)) + Self.hinge + glide
  }

  /// The position of a point of the upright neck.
  func fromNeck(_ point: Point) -> Point {
    let below = max(0, -25 - point.z)
    let bend = below * below / (below + 25)
    return Point(point.x + neckSideways * bend, point.y + neckForward * bend, point.z)
  }

  /// The point carried back to where it is when the neck is upright: a shear that starts gently
  /// below the skull base.
  @inline(__always) func neck(_ p: Point) -> Point {
    let below = max(0, -25 - p.z)
    let bend = below * below / (below + 25)
    return Point(p.x - neckSideways * bend, p.y - neckForward * bend, p.z)
  }
}
