import SpiderCore

/// The neck's vertebrae with their discs, the spinal canal and the cord, in the frame of the upright neck.
struct Spine: Sendable {
  private let shape: HeadShape
  private let noise: Noise
  private let bounds = Bounds(Point(-3, -75, -190), Point(48, 22, -14))
  /// Middles of the bodies of C3 to C8 (the last ones are below most fields of view).
  private static let bodies: [Point] = [
    Point(0, -5, -71), Point(0, -4, -88), Point(0, -4, -105), Point(0, -6, -122.5),
    Point(0, -9, -140), Point(0, -13, -158),
  ]
  private let atlas = Atlas()
  private let axis = Axis()
  private let vertebra = Vertebra()

  init(shape: HeadShape, noise: Noise) {
    self.shape = shape
    self.noise = noise
  }

  func paint(_ probe: Probe, into sample: inout Sample) {
    let p = probe.foldedNeck
    guard bounds.contains(p) else { return }
    paintCanal(p, into: &sample)
    if p.z < -60, p.z > -170 { paintDiscs(p, into: &sample) }
    var bone = Float.infinity
    if p.z > -60 { bone = min(atlas.distance(p), bone) }
    if p.z > -78 { bone = min(axis.distance(p), bone) }
    for (index, body) in Self.bodies.enumerated() where abs(p.z - body.z + 4) < 22 {
      bone = min(bone, vertebra.distance(p - body, spine: index >= 3 ? 1.3 : 1))
    }
    guard bone < sample.edge else { return }
    let grain = noise.value(probe.point, size: 4.5, channel: 2)
    let inside = sample.coverage(1.3 + bone)
    let value = mix(
      shape.cortical * 0.78 * (1 + 0.05 * grain), (shape.cancellous + 40) * (1 + 0.3 * grain),
      inside)
    sample.cover(bone, value, HeadLabel.cervicalSpine)
  }

  private func paintCanal(_ p: Point, into sample: inout Sample) {
    let middle = mix(-24, -22, smoothStep(-60, -40, p.z))
    let wall = max(ellipseDistance(p.x, p.y - middle, 11, 8), p.z + 20)
    guard wall < sample.edge else { return }
    sample.cover(wall, Tissue.liquor, HeadLabel.softTissue)
    sample.tint(max(ellipseDistance(p.x, p.y - middle, 6.2, 4.4), p.z + 20), Tissue.cord)
  }

  private func paintDiscs(_ p: Point, into sample: inout Sample) {
    let column = max(ellipseDistance(p.x, p.y + 5, 8.5, 7.5), p.z + 60)
    sample.cover(column, Tissue.disc, HeadLabel.softTissue)
  }
}
