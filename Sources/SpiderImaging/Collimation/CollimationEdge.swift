import Foundation

/// A straight edge across an image; what lies beyond it, outwards, is hidden.
struct CollimationEdge {
  /// The side of the image it belongs to.
  enum Side: CaseIterable { case left, right, top, bottom }

  let side: Side
  /// The unit normal (columns, rows), pointing outwards.
  let normal: SIMD2<Double>
  /// Distance along the normal from the image's middle, pixels.
  let distance: Double

  /// The edge of a side that lies `distance` from the middle, turned by an angle in degrees.
  init(_ side: Side, degrees: Double, distance: Double) {
    let angle = degrees * .pi / 180
    let (c, s) = (cos(angle), sin(angle))
    self.side = side
    switch side {
    case .left: normal = SIMD2(-c, -s)
    case .right: normal = SIMD2(c, s)
    case .top: normal = SIMD2(s, -c)
    case .bottom: normal = SIMD2(-s, c)
    }
    self.distance = distance
  }

  /// Along the edge.
  var direction: SIMD2<Double> { SIMD2(-normal.y, normal.x) }

  /// How far beyond the edge a place (pixels from the middle) lies; negative inside.
  func depth(_ place: SIMD2<Double>) -> Double { (normal * place).sum() - distance }
}
