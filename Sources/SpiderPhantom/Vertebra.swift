/// A lower neck vertebra (C3 to C7) about the middle of its body, right half.
struct Vertebra: Sendable {
  private let pillar = Capsule(Point(20, -11, 5), Point(20, -13, -7), 5.8)
  private let pedicle = Capsule(Point(8, -3, 1), Point(19, -10, 0), 3.4)
  private let lamina = Capsule(Point(19, -14, -1), Point(3, -28, -4), 3.2, 3)
  private let transverse = Capsule(Point(11, 1, -1), Point(25, -4, -3), 3.4, 3.6)

  @inline(__always) func distance(_ q: Point, spine: Float) -> Float {
    let round = ellipseDistance(q.x, q.y, 10.5, 8.2)
    // The end plates are hollowed, the lower front edge hangs down.
    let ends = abs(q.z + 0.12 * q.y) - 6.4 + 0.012 * (q.x * q.x) * 0.3
    var d = smoothIntersection(round, ends, 2.5)
    d = smoothUnion(d, min(pedicle.distance(q), transverse.distance(q)), 2)
    d = smoothUnion(d, min(pillar.distance(q), lamina.distance(q)), 3)
    let process = Capsule(Point(0, -28, -4), Point(1, -28 - 14 * spine, -11 - 3 * spine), 3.6, 3.4)
    return smoothUnion(d, process.distance(q), 2)
  }
}

/// The first vertebra: a ring with two lateral masses under the condyles of the skull.
struct Atlas: Sendable {
  private let mass = Ellipsoid(Point(21, -9, -37.5), Point(8, 9.5, 7.5))
  private let front = Tube([
    (Point(0, 6.5, -37), 3.6), (Point(10, 3, -37), 3.4), (Point(20, -4, -37), 4),
  ])
  private let back = Tube([
    (Point(21, -14, -37), 4), (Point(17, -29, -38), 3), (Point(8, -38, -39), 3),
    (Point(0, -40.5, -40), 3.6),
  ])
  private let transverse = Capsule(Point(24, -9, -38), Point(38, -12, -39), 4.5, 3.8)

  @inline(__always) func distance(_ p: Point) -> Float {
    let ring = smoothUnion(front.distance(p), back.distance(p), 2)
    return smoothUnion(smoothUnion(ring, mass.distance(p), 3), transverse.distance(p), 3)
  }
}

/// The second vertebra: its body carries the dens, its spinous process is the largest of the upper neck.
struct Axis: Sendable {
  private let dens = Capsule(Point(0, -3.5, -30.5), Point(0, -5, -52), 4.8, 6)
  private let body = RoundedBox(Point(0, -5, -55.5), Point(10, 8, 8.5), 3)
  private let facet = Capsule(Point(17, -8, -48), Point(20, -14, -63), 6.5, 5.8)
  private let pedicle = Capsule(Point(8, -6, -52), Point(18, -10, -52), 5)
  private let lamina = Capsule(Point(19, -15, -56), Point(3, -31, -58), 3.8, 4)
  private let process = Capsule(Point(0, -31, -58), Point(4, -46, -66), 4.8, 4.2)

  @inline(__always) func distance(_ p: Point) -> Float {
    var d = smoothUnion(dens.distance(p), body.distance(p), 3)
    d = smoothUnion(d, min(pedicle.distance(p), facet.distance(p)), 3)
    return smoothUnion(d, min(lamina.distance(p), process.distance(p)), 3)
  }
}
