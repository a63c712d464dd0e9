/// The petrous pyramids: the densest bone of the skull, with the capsule of the inner ear.
struct Petrous: Sendable {
  private let shape: HeadShape
  private let noise: Noise
  private let bounds = Bounds(Point(5, -32, -22), Point(72, 28, 24))
  private let pyramid = Capsule(Point(15, 11, -3), Point(54, -14, 1), 6, 11)
  private let otic = Ellipsoid(Point(38, -3, 3), Point(9, 7, 6))
  private let meatus = Capsule(Point(18, -6, 1), Point(31, -4, 2), 2.6, 2)
  private let carotid = Tube([
    (Point(27, 8, -20), 3), (Point(27, 8, -4), 3), (Point(14, 17, 0), 2.8),
  ])

  init(shape: HeadShape, noise: Noise) {
    self.shape = shape
    self.noise = noise
  }

  func paint(_ probe: Probe, mandible: Float, into sample: inout VoxelPaint) {
    let p = probe.folded
    guard bounds.contains(p) else { return }
    // The pyramid has a crest: the sides slope away below it.
    var bone = max(max(pyramid.distance(p), 2 - mandible), probe.skin + VoxelPaint.leastCover)
    bone = smoothIntersection(bone, probe.vault, 3)
    if bone < 6 { bone += 1.2 * noise.value(probe.point, size: 9, channel: 28) }
    guard bone < sample.edge else { return }
    let grain = noise.value(probe.point, size: 5, channel: 2)
    let dense = shape.bone.cortical * shape.bone.petrous * (1 + 0.06 * grain)
    let inside = smoothStep(1.5, 4, -bone)
    sample.cover(bone, mix(dense, 0.62 * dense, inside), .petrousBone.on(probe.side))
    sample.tint(otic.distance(p), min(Tissue.oticCapsule, 1.25 * dense))
    sample.tint(min(meatus.distance(p), carotid.distance(p)), Tissue.mucosa)
  }
}
