import SpiderCore

/// Air: nose, paranasal sinuses, mastoid cells, ear canals, throat and windpipe, with the soft parts
/// that lie in them.
struct AirCavities: Sendable {
  private let shape: HeadShape
  private let noise: Noise
  private let orbit: Orbit
  private let braincase: Braincase
  private let throat: Throat
  private let vestibule: Capsule
  private let bridge: Capsule
  private let ethmoidBounds = RoundedBox(Point(0, 67, 18), Point(12, 19, 10), 2)
  private let lowerTurbinate = Capsule(Point(9.5, 52, -12), Point(9.5, 88, -9), 5.2)
  private let middleTurbinate = Capsule(Point(7, 54, 2), Point(7, 82, 5), 4)
  private let canal = Capsule(Point(78, -3, 0), Point(47, -1, 2), 2.8)
  private let drum = Ellipsoid(Point(44, -1, 3), Point(4, 4, 7))
  private let bounds = Bounds(Point(-5, -45, -140), Point(85, 125, 75))

  init(
    shape: HeadShape, orbit: Orbit, braincase: Braincase, articulation: Articulation, noise: Noise
  ) {
    self.shape = shape
    self.noise = noise
    self.orbit = orbit
    self.braincase = braincase
    throat = Throat(shape: shape)
    let nose = shape.noseLength
    bridge = Capsule(Point(4, 88, 18), Point(4.5, 90 + 11 * nose, -10), 2.5, 4)
    vestibule = Capsule(Point(6, 92, -13), Point(7, 95 + 13 * nose, -26), 4.5, 4)
  }

  func paint(_ probe: Probe, into sample: inout Sample) {
    let p = probe.folded
    guard bounds.contains(p), probe.skin < sample.edge else { return }
    if p.y > 15, p.z > -40 {
      paintSinuses(probe, into: &sample)
      paintNose(probe, into: &sample)
    } else if p.y < 15, p.x > 30 {
      paintEar(probe, into: &sample)
    }
    if p.z < 5 { throat.paint(probe, into: &sample) }
  }

  private func air(_ distance: Float, _ probe: Probe, into sample: inout Sample) {
    // Never through the skin from inside, nor outside the body.
    sample.cover(max(distance, probe.skin + 1), Tissue.air, HeadLabel.airCavities)
  }

  private func paintSinuses(_ probe: Probe, into sample: inout Sample) {
    let p = probe.folded
    let side = probe.side
    let bumps = 2 * noise.value(probe.point, size: 12, channel: 10)
    if p.z > 20 {
      let size = shape.frontalSinus[side]
      let lobe = Ellipsoid(
        Point(4 + 8 * size, 86, 36 + 6 * size), Point(9 * size + 4, 9, 11 * size + 3))
      let inner = probe.vault + braincase.thickness(p, texture: 0)
      let wall = max(probe.vault + 2, 1.8 - inner)
      let sinus = max(smoothIntersection(lobe.distance(p) + bumps, wall, 2), 1 - p.x)
      air(sinus, probe, into: &sample)
    }
    if p.z < 12 {
      let size = shape.maxillarySinus[side]
      let walls = max(
        max(max(13, nasalWidth(p.z) + 2.5) - p.x, 2 - orbit.distance(p)),
        Face.maxillaryFloor(p) - p.z)
      let sinus = smoothIntersection(Face.maxilla(p) + 1.6, walls, 5)
      let hollow = sinus + (1 - size) * 16
      sample.cover(
        max(hollow, probe.skin + 1), Tissue.mucosa, HeadLabel.softTissue)
      air(hollow + 1.2 + 0.5 * max(0, bumps), probe, into: &sample)
    }
    if p.y < 50 {
      let size = shape.sphenoidSinus[side]
      let sinus = Ellipsoid(
        Point(8 * size, 29, 6), Point(7.6 * size, 13 * size, 9 * size))
      air(max(sinus.distance(p) + bumps, 0.5 - p.x), probe, into: &sample)
    }
    let ethmoid = max(ethmoidBounds.distance(p), 1.2 - orbit.distance(p))
    if ethmoid < 3, p.x > 2 {
      let wall = noise.cellWall(probe.point, size: 8)
      air(max(ethmoid, 0.45 - wall), probe, into: &sample)
    }
  }

  /// Half the width of the nasal cavity: wide at the floor, a slit under the roof.
  @inline(__always) private func nasalWidth(_ z: Float) -> Float {
    mix(13.5, 3.5, smoothStep(-6, 24, z))
  }

  private func paintNose(_ probe: Probe, into sample: inout Sample) {
    let p = probe.folded
    let width = nasalWidth(p.z)
    let front = p.y - 94 + 0.16 * max(p.z + 12, 0)
    let ends = max(max(front, 38 - p.y), max(-21.5 - p.z, p.z - 27))
    let cavity = smoothUnion(
      smoothIntersection(p.x - width, ends, 4),
      min(vestibule.distance(p), bridge.distance(p)), 3)
    guard cavity < sample.edge else { return }
    air(cavity, probe, into: &sample)
    let conchae = min(lowerTurbinate.distance(p), middleTurbinate.distance(p))
    let swelling = conchae + 0.8 * noise.value(probe.point, size: 7, channel: 14)
    // Kept inside the cavity, so that a label never depends on how wide an edge is.
    sample.cover(max(swelling, cavity), Tissue.mucosa, HeadLabel.softTissue)
    sample.tint(max(conchae + 3, cavity), 220)
    let bony = smoothStep(88, 78, p.y)
    sample.coverSheet(
      probe.point.x - 1.5 * noise.value(probe.point, size: 25, channel: 15), thickness: 2.6,
      within: max(cavity, 42 - p.y), mix(Tissue.cartilage, 320, bony),
      bony > 0.5 ? HeadLabel.skull : HeadLabel.softTissue)
  }

  private func paintEar(_ probe: Probe, into sample: inout Sample) {
    let p = probe.folded
    let cells = Ellipsoid(
      Point(53, -18, -6), Point(10, 13.5, 17) * shape.mastoid[probe.side])
    let wall = noise.cellWall(probe.point, size: 5.5)
    air(max(cells.distance(p), 0.6 - wall), probe, into: &sample)
    sample.cover(
      max(min(canal.distance(p), drum.distance(p)), probe.skin), Tissue.air, HeadLabel.airCavities)
  }
}
