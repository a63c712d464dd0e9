import SpiderCore

/// The braincase as bone: two tables with diploe between, the skull base, the foramen magnum, and the
/// cranial cavity, which it hollows out.
struct Cranium: Sendable {
  private let braincase: Braincase
  private let shape: HeadShape
  private let noise: Noise
  private let bounds = Bounds(Point(-5, -110, -50), Point(90, 115, 140))
  private let foramen = Ellipsoid(Point(0, -15, -27), Point(15, 18.5, 22))
  private let condyle = Capsule(Point(13, 1, -28), Point(19, -11, -27), 5.5)
  private let brain: Brain

  init(shape: HeadShape, noise: Noise) {
    self.shape = shape
    self.noise = noise
    braincase = Braincase(shape: shape)
    brain = Brain(shape: shape, noise: noise)
  }

  /// Distances to the outer and to the inner surface of the bone.
  @inline(__always) private func surfaces(_ probe: Probe) -> (outer: Float, inner: Float) {
    let p = probe.folded
    let uneven =
      noise.value(probe.point, size: 28, channel: 1)
      + 0.7 * noise.value(probe.point, size: 13, channel: 16)
    let thickness = braincase.thickness(p, texture: uneven)
    let floor = braincase.floor(p)
    let base = 2.6 + 2.2 * smoothStep(25, -5, p.y) + 0.7 * uneven
    let outer = smoothIntersection(probe.vault, floor - base, 8)
    let inner = smoothIntersection(probe.vault + thickness, floor, 7)
    return (outer, inner)
  }

  func paint(_ probe: Probe, mandible: Float, into sample: inout Sample) {
    guard bounds.contains(probe.folded) else { return }
    var (outer, inner) = surfaces(probe)
    outer = smoothUnion(outer, condyle.distance(probe.folded), 3)
    guard outer < sample.edge else { return }
    // The joint: the skull stays clear of the condyle, wherever the jaw is.
    outer = smoothIntersection(outer, 2 - mandible, 2)
    let hole = foramen.distance(probe.folded)
    let bone = max(smoothIntersection(outer, -hole, 2), probe.skin + Sample.leastCover)
    let inside = sample.coverage(shape.tableThickness - min(-bone, inner))
    sample.cover(bone, boneValue(probe, inside: inside), HeadLabel.skull)
    // Through the foramen the cavity goes on as the spinal canal, which is no part of it.
    if bone > -1, hole < 2 { sample.tint(smoothIntersection(hole, inner - 1, 2), Tissue.liquor) }
    brain.paint(probe, cavity: inner, into: &sample)
  }

  /// Compact bone within a table of either surface, diploe between.
  @inline(__always) private func boneValue(_ probe: Probe, inside: Float) -> Float {
    let grain = noise.value(probe.point, size: 5, channel: 2)
    let spread = noise.value(probe.point, size: 22, channel: 3)
    let diploe = shape.diploe * (1 + 0.2 * grain + 0.2 * spread)
    let compact = shape.cortical * (1 + 0.05 * grain)
    return mix(compact, diploe, inside)
  }
}
